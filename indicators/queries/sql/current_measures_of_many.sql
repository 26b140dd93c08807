-- What `in_force` tells of so many structures that it pays to know first of what several deposits tell.
select structure, period, period_end, indicator, segment, numerator, denominator, value, absence
from settled_measures($set_aside)
where
    structure between $first and $last
    and ($everyone or list_contains($structures, structure))
    and period_end <= $until;
