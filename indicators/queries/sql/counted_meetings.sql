-- One row is one meeting that a body of a structure held in a year in which it owed some, with the deposit and the line
-- that say so; nothing after the structure closed.
with closings as (
    select distinct structure, closed_on from dated_structures($set_aside)
),
owing as (
    select distinct structure, body
    from due_meetings($set_aside, [$structure]::varchar[], $year::integer, $year::integer)
)
select
    body as reference,
    held_on as day,
    null::integer as present,
    null::integer as eligible,
    meetings.deposit,
    meetings.line,
    meetings.submitted_at,
    author,
    file_name
from current_meetings($set_aside) as meetings
semi join owing using (structure, body)
join lake.deposits as deposits on deposits.deposit = meetings.deposit
left join closings on closings.structure = meetings.structure
where
    meetings.structure = $structure
    and year(held_on) = $year
    and (closed_on is null or held_on <= closed_on)
order by day, reference;
