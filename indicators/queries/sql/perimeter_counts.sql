-- One row is one indicator × one period of a perimeter: the summed counts of its structures, or of each with $each.
select
    if($each, structure, null) as structure,
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
from current_measures($set_aside)
where
    structure between $first and $last
    -- a structure that did not always belong counts in the periods that ended during its membership
    and (
        $everyone
        or (
            structure in (select unnest($members))
            and (
                len($partly) = 0
                or not list_contains($partly::varchar[], structure)
                or list_bool_or([
                    $partly[place] = structure
                    and period_end between $partly_from[place]::date and $partly_until[place]::date
                    for place in range(1, len($partly) + 1)
                ])
            )
        )
    )
    and segment = 'ensemble'
    and list_contains($indicators, indicator)
    and period_end between $since and $until
group by all
order by 1, indicator, period_end, period;
