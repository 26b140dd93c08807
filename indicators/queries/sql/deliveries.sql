-- One row is one structure × period with delivered measures: the indicators with a current answer, and the moment of the
-- first delivery.
with held as (
    select structure, period, list(distinct indicator) as answers
    from settled_measures($set_aside)
    where $every or list_contains($periods, period)
    group by structure, period
),
arrived as (
    select structure, period, min(submitted_at) as submitted_at
    from lake.measures
    where ($every or list_contains($periods, period)) and not list_contains($set_aside, deposit)
    group by structure, period
)
select structure, period, answers, submitted_at
from held join arrived using (structure, period)
order by structure, period;
