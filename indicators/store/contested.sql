-- One row is one structure × period with measures in more than one deposit, withdrawn ones included.
select structure, period
from lake.measures
group by structure, period
having min(deposit) <> max(deposit)
order by structure, period;
