-- One row is one dataset with deposits: the number of the newest one, the deposits that were withdrawn, and whether any
-- was subject to approval.
select dataset, max(sequence), coalesce(list(withdraws) filter (withdraws is not null), []), count(eyes) > 0
from lake.deposits
group by dataset
order by dataset
