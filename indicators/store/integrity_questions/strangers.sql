-- One row is one deposit whose rows contradict its record: no record, another number or moment, or a different count.
with counted as (select deposit, sequence, submitted_at, dataset, count(*) as rows from deposited_rows() group by all)
select
    coalesce(deposits.deposit, counted.deposit),
    coalesce(rows, 0) || ' rows instead of ' || coalesce(rows_accepted, 0) || ' at this place, moment and dataset'
from (from lake.deposits where withdraws is null) as deposits
full join counted using (deposit, sequence, submitted_at, dataset)
where coalesce(rows, 0) <> coalesce(rows_accepted, 0) or deposits.deposit is null;
