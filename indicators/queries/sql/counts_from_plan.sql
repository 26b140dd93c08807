-- One row is one structure × quarter (its last day) of a year for which it has a plan: the actions planned, in the quarter
-- of their due date, and those of them done by the end of the plan's year. A due date before or after that year is its
-- first or last day; so is that of an action without one, or that the register does not know.
with years as (
    select distinct
        structure,
        year,
        case when len(year) = 4 then make_date(year::integer, 1, 1) else make_date(year[:4]::integer, 9, 1) end as first_day,
        case when len(year) = 4 then make_date(year::integer, 12, 31) else make_date(year[6:]::integer, 8, 31) end as last_day
    from current_plan($set_aside)
    where action is not null
),
planned as (
    select distinct structure, year, action as reference from current_plan($set_aside) where action is not null
),
actions as (
    select
        planned.structure,
        greatest(first_day, least(coalesce(due_on, last_day), last_day)) as due,
        coalesce(done_on <= last_day, false) as is_done
    from planned
    join years using (structure, year)
    left join current_actions($set_aside) using (structure, reference)
),
closings as (
    select distinct structure, closed_on from dated_structures($set_aside)
),
quarters as (
    select distinct structure, unnest(quarter_ends(first_day, last_day)) as quarter from years
)
select
    q.structure,
    'priority_action_completion_rate' as indicator,
    quarter as period_end,
    (count(*) filter (is_done))::double as numerator,
    count(due)::double as denominator
from quarters q
left join closings using (structure)
left join actions a on a.structure = q.structure and quarter_end(due) = quarter and (closed_on is null or due <= closed_on)
group by all
order by structure, period_end;
