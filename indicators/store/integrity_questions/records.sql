-- One row is one inconsistency in the records of deposits: the deposit, and what is wrong.
select deposit, 'two deposits of the same number' from lake.deposits group by deposit having count(*) > 1
union all
select deposit, 'its place is not one more than the one before: ' || sequence
from lake.deposits
qualify sequence <> row_number() over (order by sequence, deposit)
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
    );
