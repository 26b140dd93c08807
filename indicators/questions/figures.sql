-- One row is one indicator × one period of a perimeter: what its structures counted, added up.
select
    indicator,
    period,
    period_end,
    sum(numerator) as numerator,
    sum(denominator) filter (numerator is not null) as denominator,
    sum(numerator / nullif(denominator, 0)) as quotients,
    count(numerator)::integer as contributors,
    max(coalesce(denominator, numerator)) filter (numerator is not null)
        / nullif(sum(coalesce(denominator, numerator)) filter (numerator is not null), 0) as largest_share,
    count(value) filter (numerator is null)::integer as stated,
    any_value(value) filter (numerator is null) as stated_value,
    any_value(absence) as absence
from counted_measures($withdrawn, $first, $last)
where
    structure in (select unnest($members))
    and indicator in (select unnest($indicators))
    and period_end between $since and $until
group by all
order by indicator, period_end, period;
