-- One row is one structure that delivered measures in the collection of a period: its current answers (indicator and
-- period), and the moment of the first delivery.
with held as (
    select structure, count(*)::integer as measures, list(distinct concat_ws(' ', indicator, period)) as answers
    from current_measures($withdrawn)
    where list_contains($periods, period)
    group by structure
),
arrived as (
    select structure, min(submitted_at) as submitted_at
    from lake.measures
    where list_contains($periods, period) and not list_contains($withdrawn, deposit)
    group by structure
)
select structure, measures, answers, submitted_at
from held join arrived using (structure)
order by structure;
