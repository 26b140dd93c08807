-- One row is one line of the plans of some structures for a year, with the action of the register that it names: whether
-- it was done by the end of the plan's year, and the earlier plan from which it was carried over, or the later one to which.
with plans as (
    select
        structure,
        year,
        axis,
        commitment,
        action as reference,
        indicator,
        case when len(year) = 4 then make_date(year::integer, 12, 31) else make_date(year[6:]::integer, 8, 31) end as last_day
    from current_plan($set_aside)
    where list_contains($structures, structure)
),
actions as (
    select structure, reference, action, owner_role, opened_on, due_on, done_on, status, reason, accepted_until, effectiveness
    from current_actions($set_aside)
    where list_contains($structures, structure)
),
others as (
    select structure, reference, list(distinct year order by year) as years
    from plans
    where reference is not null
    group by all
)
select
    plans.structure,
    axis,
    commitment,
    plans.reference,
    indicator,
    last_day,
    action,
    owner_role,
    due_on,
    done_on,
    status,
    reason,
    accepted_until,
    effectiveness,
    list_filter(years, lambda each: each < plans.year)[-1] as carried_from,
    list_filter(years, lambda each: each > plans.year)[1] as carried_to
from plans
left join actions on actions.structure = plans.structure and actions.reference = plans.reference
left join others on others.structure = plans.structure and others.reference = plans.reference
where plans.year = $year
order by structure, axis, commitment, due_on nulls last, reference nulls last;
