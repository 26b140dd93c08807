-- One row is one dataset with deposits: the number of the newest one, and the deposits that were withdrawn.
select dataset, max(sequence), coalesce(list(withdraws) filter (withdraws is not null), [])
from lake.deposits
group by dataset
order by dataset
