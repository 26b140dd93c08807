-- One row is one inconsistency in the records of deposits, decisions and campaigns: the record, and what is wrong.
select record, 'two records of the same number' from places() group by record having count(*) > 1
union all
select record, 'its place is not one more than the one before: ' || sequence
from places()
qualify sequence <> row_number() over (order by sequence, record)
union all
select deposit, 'withdraws a deposit that is not there: ' || withdraws
from lake.deposits as taken
where withdraws is not null and not exists (from lake.deposits as made where made.deposit = taken.withdraws)
union all
select deposit, 'of no dataset: ' || dataset
from lake.deposits
where not is_dataset(dataset) and dataset not in ('withdrawal', 'erasure')
union all
select deposit, 'takes back nothing, or is a deposit that takes another back'
from lake.deposits
where (dataset in ('withdrawal', 'erasure')) <> (withdraws is not null)
union all
-- Only an erased deposit may have no digest.
select deposit, 'its digest is missing, or it was erased and still has one'
from lake.deposits as made
where
    withdraws is null
    and (sha256 is null) <> exists (
        from lake.deposits as erasure where erasure.dataset = 'erasure' and erasure.withdraws = made.deposit
    )
union all
select decision, 'decides on a deposit of which no approval was asked: ' || deposit
from lake.decisions
where sequence > 0 and not exists (
    from lake.deposits as made
    where made.deposit = decisions.deposit and made.eyes is not null and made.sequence < decisions.sequence
)
union all
select decision, 'neither approves nor sends back with a comment: ' || verdict
from lake.decisions
where
    sequence > 0
    and (verdict not in ('approved', 'sent_back') or (verdict = 'sent_back' and coalesce(trim(comment), '') = ''))
union all
select record, 'a late exception without a reason'
from lake.campaigns
where structure is not null and coalesce(trim(reason), '') = '';
