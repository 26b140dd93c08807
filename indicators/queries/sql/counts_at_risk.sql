-- One row is one structure × indicator × period: its counts, and whether they could be too small to be shown.
select
    structure,
    indicator,
    period,
    period_end,
    numerator,
    denominator,
    coalesce(
        numerator < $fewest
        or denominator - numerator < $fewest
        or denominator < $minimums[list_position($indicators, indicator)],
        false
    ) as small
from settled_measures($set_aside)
where
    segment = 'ensemble'
    and list_contains($indicators, indicator)
    and period_end between $since and $until
    and numerator is not null
    and (small or list_contains($entire, indicator));
