-- One row is one body of some structures in a year: what it owes in the year and in the quarters that are over, how often
-- it met, the days missed of those that the register covers, and the next days planned and due after today.
with kept as (
    select unnest($keepers::varchar[]) as structure, unnest($covered_until::date[]) as covered_until
),
dated as materialized (
    select *
    from dated_bodies($set_aside)
    where list_contains($structures, structure)
),
bodies as (
    select
        structure,
        body,
        list(recurrence order by holds_from) as recurrences,
        list(holds_from order by holds_from) as since,
        max(holds_until) as until,
        arg_max(roles, holds_from) as roles
    from dated
    where year(holds_from) <= $year and year(holds_until) >= $year
    group by all
),
years as (
    select *, unnest(years_in_force(holds_from, holds_until, $year, $year + 1)) as year
    from dated
),
days as (
    select recurrence, year, unnest(due_days(recurrence, year)) as due_on, quarter_end(due_on) < $today as is_over
    from (select distinct recurrence, year from years)
),
owed as (
    select
        structure,
        body,
        (count(*) filter (year = $year))::integer as owed,
        (count(*) filter (year = $year and is_over))::integer as owed_by_now,
        min(due_on) filter (due_on >= $today) as next_due
    from years join days using (recurrence, year)
    where due_on between holds_from and holds_until
    group by all
),
meetings as (
    select
        structure,
        body,
        (count(*) filter (year(held_on) = $year))::integer as held,
        coalesce(
            list(planned_on order by planned_on)
                filter (held_on is null and year(planned_on) = $year and planned_on <= covered_until and planned_on < $today),
            []
        ) as missed,
        min(planned_on) filter (held_on is null and planned_on >= $today) as next_planned
    from current_meetings($set_aside) left join kept using (structure)
    where list_contains($structures, structure)
    group by all
)
select
    structure,
    body,
    recurrences,
    since,
    roles,
    coalesce(owed, 0) as owed,
    coalesce(owed_by_now, 0) as owed_by_now,
    coalesce(held, 0) as held,
    coalesce(missed, []) as missed,
    next_planned,
    next_due
from bodies
left join owed using (structure, body)
left join meetings using (structure, body)
order by structure, body;
