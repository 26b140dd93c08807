-- One row is one period with delivered measures.
select period, period_end
from lake.measures
where not list_contains($set_aside, deposit)
group by all
order by period_end, period;
