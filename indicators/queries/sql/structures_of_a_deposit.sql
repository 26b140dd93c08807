-- One row is one structure with rows in a deposit, and the newest end of their periods.
select structure, max(ends) as ends
from (
    select structure, max(period_end) as ends from lake.measures where deposit = $deposit group by structure
    union all
    select structure, null from lake.structures where deposit = $deposit
    union all
    select structure, null from lake.actions where deposit = $deposit
    union all
    select structure, null from lake.participation where deposit = $deposit
)
group by structure
order by structure
limit $shown;
