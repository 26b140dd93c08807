-- One row is one structure that delivered measures of one period: which are in force, and when the first came in.
with held as (
    select structure, count(*)::integer as measures, list(distinct indicator) as indicators
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
select structure, measures, indicators, submitted_at
from held join arrived using (structure)
order by structure;
