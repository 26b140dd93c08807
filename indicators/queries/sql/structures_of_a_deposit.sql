-- One row is one structure with rows in a deposit, and the newest end of their periods.
select structure, max(period_end) as ends
from deposited_rows()
where deposit = $deposit and structure is not null
group by structure
order by structure
limit $shown;
