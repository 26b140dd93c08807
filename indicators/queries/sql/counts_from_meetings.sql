-- One row is one structure × year (its last day): the meetings that its bodies owed by their recurrence, and how many of
-- them were held in the year. A meeting that was moved within the year counts; those beyond what a body owes do not.
-- A year is counted when files of the register were accepted for all of it; nothing is counted after a structure closed.
with closings as (
    select distinct structure, closed_on from dated_structures($set_aside)
),
meetings as (
    select structure, body, planned_on, held_on
    from current_meetings($set_aside) left join closings using (structure)
    where closed_on is null or coalesce(held_on, planned_on) <= closed_on
),
kept as (
    select
        structure,
        least(min(told_from), min(quarter_end(planned_on)), min(quarter_end(held_on))) as first_told,
        max(told_until) as last_told
    from kept_registers($set_aside) left join meetings using (structure)
    where dataset = 'instances'
    group by structure
),
held as (
    select structure, body, year(held_on) as year, count(*) as held
    from meetings
    where held_on is not null
    group by all
),
owed as (
    select structure, body, year, count(*) as owed, min(due_on) as first_due
    from due_meetings(
        $set_aside,
        null::varchar[],
        (select min(year(first_told)) from kept),
        (select max(year(last_told)) from kept)
    )
    group by all
)
select
    structure,
    'governance_meeting_rate' as indicator,
    make_date(year, 12, 31) as period_end,
    sum(least(owed, coalesce(held, 0)))::double as numerator,
    sum(owed)::double as denominator
from owed
join kept using (structure)
left join closings using (structure)
left join held using (structure, body, year)
where last_told >= least(period_end, coalesce(closed_on, period_end))
group by structure, year, first_told
-- a year of which the register does not cover the beginning is not counted: what was owed then may have been held
having quarter_end(min(first_due)) >= first_told
order by structure, period_end;
