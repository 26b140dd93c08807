-- One row is one current measure (structure × period × indicator × segment) of some periods, as deposited.
select structure, period, indicator, segment, numerator, denominator, value, absence, true as stored
from current_measures($set_aside)
where
    structure between list_min($structures) and list_max($structures)
    and ($everyone or list_contains($structures, structure))
    and list_contains($periods, period)
order by all;
