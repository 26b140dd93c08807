-- One row is one structure that delivered measures of one period: how many, and when first.
select structure, count(*)::integer as measures, min(submitted_at) as submitted_at
from current_measures($withdrawn)
where period = $period
group by structure
order by structure;
