-- One row is one action of a structure that was due, or verified, in a quarter, as counts_from_actions.sql counts them:
-- whether it was on time, or had its full effect; with the deposit and the line. Nothing after the structure closed.
with closings as (
    select distinct structure, closed_on from dated_structures($set_aside)
)
select
    reference,
    case when $is_verified then verified_on else due_on end as day,
    coalesce(case when $is_verified then effectiveness = 100 else done_on <= due_on end, false)::integer as present,
    1 as eligible,
    actions.deposit,
    actions.line,
    actions.submitted_at,
    author,
    file_name
from current_actions($set_aside) as actions
join lake.deposits as deposits on deposits.deposit = actions.deposit
left join closings on closings.structure = actions.structure
where
    actions.structure = $structure
    and day between $since and $until
    and (closed_on is null or day <= closed_on)
order by day, reference;
