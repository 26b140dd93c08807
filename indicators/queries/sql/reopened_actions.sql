-- One row is all actions of some structures together: how many were closed in one version and to be done in a later one.
with followed as (
    select
        structure,
        reference,
        status in ('open', 'in_progress', 'carried_over')
        and lag(status) over (partition by structure, reference order by sequence) = 'closed' as is_reopened
    from lake.actions
    where structure in (select unnest($structures)) and not list_contains($set_aside, deposit)
)
select count(distinct (structure, reference))::integer as reopened
from followed
where is_reopened;
