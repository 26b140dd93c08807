-- One row is one deposit, newest first, with its withdrawal if there is one.
with held as (
    select distinct deposit from deposited_rows() where holder = $structure
    union all
    -- a register without a new row
    select deposit from lake.deposits where structure = $structure
),
owned as (
    select distinct deposit from deposited_rows() where list_contains($own, holder)
    union
    select deposit from lake.deposits where list_contains($own, structure)
),
shared as (
    select distinct deposit
    from deposited_rows()
    where deposit in (select deposit from owned) and not list_contains($own, holder)
)
select
    made.* exclude (findings),
    contains(made.findings, '"severity": "confirm"') as confirmed,
    taken.deposit as withdrawal,
    taken.submitted_at as withdrawn_at,
    taken.author as withdrawn_by,
    taken.comment as because
from lake.deposits as made
left join lake.deposits as taken on taken.withdraws = made.deposit
where
    made.withdraws is null
    and ($structure is null or made.deposit in (select deposit from held))
    and (
        $own is null
        or (made.deposit in (select deposit from owned) and made.deposit not in (select deposit from shared))
    )
-- A deposit withdrawn and then erased has one row, with the last of the two.
qualify row_number() over (partition by made.deposit order by taken.sequence desc) = 1
order by made.sequence desc
limit $shown;
