-- One row is one structure of a perimeter × one of a few indicators: what it counted in one period.
select
    structure,
    indicator,
    numerator,
    denominator,
    value as stated_value,
    absence
from current_measures($withdrawn)
where
    structure between $first and $last
    and ($everyone or structure in (select unnest($members)))
    and segment = 'ensemble'
    and list_contains($indicators, indicator)
    and period = $period
    and period_end = $period_end
order by structure, indicator;
