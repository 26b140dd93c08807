-- One row is one structure of a perimeter × indicator × period, of a few indicators and periods: its counts.
select
    structure,
    indicator,
    period,
    period_end,
    numerator,
    denominator,
    value as stated_value,
    absence
from settled_measures($set_aside)
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
    and list_contains($periods, period)
    and period_end between $since and $until
order by structure, indicator, period_end, period;
