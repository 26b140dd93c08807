-- One row is one structure that delivered measures of one period: how many are in force, and when the first came in.
with held as (
    select structure, count(*)::integer as measures
    from current_measures($withdrawn)
    where period = $period
    group by structure
),
arrived as (
    select structure, min(submitted_at) as submitted_at
    from lake.measures
    where period = $period and not list_contains($withdrawn, deposit)
    group by structure
)
select structure, measures, submitted_at
from held join arrived using (structure)
order by structure;
