-- One row is one thing that no record of a deposit can be: what it is of, and what is wrong.
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
where dataset not in ('structures', 'measures', 'actions', 'participation', 'cibles', 'withdrawal')
union all
select deposit, 'is a withdrawal of nothing, or a deposit that withdraws'
from lake.deposits
where (dataset = 'withdrawal') <> (withdraws is not null) or (dataset = 'withdrawal') <> (sha256 is null);
