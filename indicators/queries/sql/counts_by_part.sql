-- One row is one indicator × one period of one part of the network (a region, a kind, or all of it): summed counts of
-- the structures that belonged to it on the last day of the period.
with places as (
    select
        structure,
        case $level when 'region' then region when 'reseau' then 'reseau' else kind end as portion,
        holds_from,
        holds_until
    from dated_structures($set_aside)
)
select
    portion,
    indicator,
    period,
    period_end,
    sum(numerator) as numerator,
    summed_denominator(numerator, denominator) as denominator,
    summed_quotients(numerator, denominator) as quotients,
    count(numerator)::integer as contributors,
    largest_share(case when numerator is not null then coalesce(denominator, numerator) end) as largest_share,
    largest_share(numerator / nullif(denominator, 0)) as largest_quotient,
    count(value) filter (numerator is null)::integer as stated,
    any_value(value) filter (numerator is null) as stated_value,
    any_value(absence) as absence
from settled_measures($set_aside)
join places using (structure)
where
    period_end between holds_from and holds_until
    and segment = 'ensemble'
    and list_contains($indicators, indicator)
    and period_end between $since and $until
group by all
order by portion, indicator, period_end, period;
