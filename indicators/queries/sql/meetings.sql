-- One row is one meeting of some structures in a year, newest first: one page of them, with how many there are. What is
-- not held is missed if the register covers its day, not yet reported if it does not, and still to come after today.
with kept as (
    select unnest($keepers::varchar[]) as structure, unnest($covered_until::date[]) as covered_until
)
select
    structure,
    body,
    planned_on,
    held_on,
    present_roles,
    decisions,
    actions,
    case
        when held_on is not null then 'held'
        when planned_on >= $today then 'planned'
        when planned_on <= covered_until then 'missed'
        else 'unreported'
    end as state,
    (count(*) over ())::integer as total
from current_meetings($set_aside) left join kept using (structure)
where list_contains($structures, structure) and year(coalesce(held_on, planned_on)) = $year
order by coalesce(held_on, planned_on) desc, structure, body
limit $rows offset $first;
