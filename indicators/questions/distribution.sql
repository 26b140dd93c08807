-- One row is one period of one indicator: how the rates of the structures of a perimeter spread, those with enough cases.
select
    period,
    period_end,
    count(*)::integer as structures,
    quantile_cont(coalesce(numerator / denominator, numerator), 0.1) as first_decile,
    quantile_cont(coalesce(numerator / denominator, numerator), 0.5) as median,
    quantile_cont(coalesce(numerator / denominator, numerator), 0.9) as last_decile
from settled_measures($withdrawn)
where
    structure between $first and $last
    -- who did not always belong to the perimeter counts in the periods that ended while it did
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
    and indicator = $indicator
    and numerator is not null
    and (denominator is null or denominator >= $minimum_denominator)
group by all
order by period_end, period;
