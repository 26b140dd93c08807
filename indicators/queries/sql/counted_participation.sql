-- One row is one occasion of participation of a structure in a quarter, as counts_from_participation.sql counts them, with
-- the deposit and the line; those without a number of pathway employees only where their share is not counted.
with closings as (
    select distinct structure, closed_on from dated_structures($set_aside)
)
select
    reference,
    held_on as day,
    case when $is_share then in_pathway end as present,
    case when $is_share then occasions.present end as eligible,
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
    and form <> 'board_seats'
    and held_on between $since and $until
    and (not $is_share or in_pathway is not null)
    and (closed_on is null or held_on <= closed_on)
order by day, reference;
