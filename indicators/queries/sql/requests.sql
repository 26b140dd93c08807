-- One row is one request of some structures, received between two days, newest first (by structure, if there are
-- several, in the order of their names; or by what waits longest), with how many there are in all.
with named as (
    select unnest($by_name::varchar[]) as structure, generate_subscripts($by_name::varchar[], 1) as place
),
dated as (
    select
        *,
        case
            when answered_on is null then 'waiting'
            when reported_back_on is null then 'answered'
            else 'reported'
        end as state
    from current_requests($set_aside)
    where
        structure between $lowest and $highest
        and ($everyone or structure in (select unnest($structures)))
        and received_on between $since and $until
)
select
    structure,
    reference,
    received_on,
    "group",
    request,
    answer,
    answered_on,
    "action",
    reported_back_on,
    decision,
    publishable,
    state,
    count(*) over ()::integer as total
from dated left join named using (structure)
where ($state is null or state = $state) and ($decision is null or coalesce(decision, 'none') = $decision)
order by
    place,
    if($longest_first, coalesce(answered_on, received_on), null),
    received_on desc,
    structure,
    reference
limit $rows offset $first;
