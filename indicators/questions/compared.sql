-- One row is one measure in force of the periods asked (`points` is null), or what a structure reported of an indicator
-- before one of the periods of a file: the figures in force of earlier periods of the same length.
with held as materialized (
    select structure, period, period_end, indicator, segment, numerator, denominator, value, absence
    from current_measures($withdrawn)
    where
        structure between list_min($structures) and list_max($structures)
        and ($everyone or list_contains($structures, structure))
        and period_end <= $until
),
sheets as (
    select unnest($indicators) as indicator, unnest($scales) as scale, unnest($divided) as divided
),
asked as (
    select unnest($periods) as period, unnest($ends)::date as period_end
),
figures as (
    select
        structure,
        indicator,
        -- a code says its length after the year: 2026-T3, 2026-S1, 2026, 2025-2026
        substr(period, 5, 2) as length,
        period_end,
        case
            when not divided then coalesce(numerator, value)
            when numerator is null then value
            else numerator / nullif(denominator, 0) * scale
        end as figure
    from held join sheets using (indicator)
    where segment = 'ensemble'
)
select
    structure,
    asked.period,
    indicator,
    count(*)::integer as points,
    max(figure) as maximum,
    median(figure) as median,
    mad(figure) as deviation,
    list_reverse(arg_max(figure, figures.period_end, 4)) as past
from figures join asked on figures.period_end < asked.period_end and length = substr(asked.period, 5, 2)
where figure is not null
group by all
union all by name
select structure, period, indicator, segment, numerator, denominator, value, absence
from held
where list_contains($held, period);
