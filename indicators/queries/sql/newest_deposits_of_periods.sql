-- One row is one structure: its newest deposit with measures of some periods that was not withdrawn, be it in force or
-- not.
select structure, arg_max(deposit, sequence) as deposit
from lake.measures
where list_contains($periods, period) and deposit not in (select withdraws from lake.deposits where withdraws is not null)
group by structure
order by structure;
