-- One row is one structure × quarter (its last day) of a year for which it has a plan: the actions planned, in the quarter
-- of their due date, and those of them done by the end of the plan's year. A due date before or after that year is its
-- first or last day; so is that of an action without one, or that the register does not know.
with planned as materialized (
    select distinct structure, year, action as reference from current_plan($set_aside) where action is not null
),
years as materialized (
    select distinct
        structure,
        year,
        case when len(year) = 4 then make_date(year::integer, 1, 1) else make_date(year[:4]::integer, 9, 1) end as first_day,
        case when len(year) = 4 then make_date(year::integer, 12, 31) else make_date(year[6:]::integer, 8, 31) end as last_day
    from planned
),
closings as (
    select distinct structure, closed_on from dated_structures($set_aside)
),
actions as (
    select
        structure,
        greatest(first_day, least(coalesce(due_on, last_day), last_day)) as due,
        coalesce(done_on <= last_day, false) as is_done
    from planned
    join years using (structure, year)
    left join (select structure, reference, due_on, done_on from current_actions($set_aside)) using (structure, reference)
),
counts as (
    select structure, quarter_end(due) as period_end, count(*) as planned, count(*) filter (is_done) as done
    from actions left join closings using (structure)
    where closed_on is null or due <= closed_on
    group by all
),
quarters as (
    select distinct structure, unnest(quarter_ends(first_day, last_day)) as period_end from years
)
select
    structure,
    'priority_action_completion_rate' as indicator,
    period_end,
    coalesce(done, 0)::double as numerator,
    coalesce(planned, 0)::double as denominator
from quarters left join counts using (structure, period_end)
order by structure, period_end;
