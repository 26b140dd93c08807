-- One row is one general assembly of a structure in a year, or one composition of its board on the newest day of them
-- in that year, that says how many were eligible, with the deposit and the line; nothing after the structure closed.
with closings as (
    select distinct structure, closed_on from dated_structures($set_aside)
)
select
    reference,
    held_on as day,
    present,
    eligible,
    occasions.deposit,
    occasions.line,
    occasions.submitted_at,
    author,
    file_name
from current_participation($set_aside) as occasions
join lake.deposits as deposits on deposits.deposit = occasions.deposit
left join closings on closings.structure = occasions.structure
where
    occasions.structure = $structure
    and form = $form
    and year(held_on) = $year
    and eligible > 0
    and (closed_on is null or held_on <= closed_on)
qualify form <> 'board_seats' or held_on = max(held_on) over ()
order by day, reference;
