-- One row is one structure of a perimeter: what it counted for one indicator in one period.
select
    structure,
    numerator,
    denominator,
    value as stated_value,
    absence
from counted_measures($withdrawn, $first, $last)
where
    structure in (select unnest($members))
    and indicator = $indicator
    and period = $period
    and period_end = $period_end
order by structure;
