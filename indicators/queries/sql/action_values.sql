-- One row is one value of a column by which the current actions of some structures can be chosen, and how many have it.
with newest as (
    select structure, reference, max(sequence) as sequence
    from lake.actions
    where structure in (select unnest($structures)) and not list_contains($set_aside, deposit)
    group by structure, reference
),
current as (
    select process, axis, origin, kind, owner_role, indicator
    from lake.actions
    semi join newest using (structure, reference, sequence)
    where structure in (select unnest($structures))
)
select name, value, count(*)::integer as actions
from (unpivot current on process, axis, origin, kind, owner_role, indicator into name name value value)
group by name, value
order by name, value;
