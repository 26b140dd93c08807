-- One row is one structure × period of which more than one deposit holds measures, withdrawn ones included.
select structure, period
from lake.measures
group by structure, period
having min(deposit) <> max(deposit)
order by structure, period;
