-- One row is one structure × period × indicator × segment in force, as deposited.
select structure, period, indicator, segment, numerator, denominator, value, absence, true as stored
from current_measures($withdrawn)
where
    structure between list_min($structures) and list_max($structures)
    and structure in (select unnest($structures))
    and period in (select unnest($periods))
order by all;
