-- One row is one current measure of some structures, up to a day.
select structure, period, period_end, indicator, segment, numerator, denominator, value, absence
from current_measures($set_aside)
where
    structure between $first and $last
    and ($everyone or list_contains($structures, structure))
    and period_end <= $until;
