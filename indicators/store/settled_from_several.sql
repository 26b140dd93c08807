-- What `current_measures` tells, of a large store ten times sooner: only where several deposits tell of a structure and a
-- period (`contested`, which the cursor shows) is there anything to rank.
create temp macro settled_measures(withdrawn) as table
select *
from lake.measures
anti join contested using (structure, period)
where not list_contains(withdrawn, deposit)
union all by name
select *
from lake.measures
semi join contested using (structure, period)
where not list_contains(withdrawn, deposit)
qualify rank() over (partition by structure, period, period_end, indicator, segment order by sequence desc) = 1;
