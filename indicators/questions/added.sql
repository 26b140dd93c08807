-- One row is one structure × indicator × period: what it counted, where that could be too small to be shown.
select
    structure,
    indicator,
    period,
    period_end,
    numerator,
    denominator
from current_measures($withdrawn)
where
    segment = 'ensemble'
    and list_contains($indicators, indicator)
    and period_end between $since and $until
    and numerator is not null
    and (
        list_contains($entire, indicator)
        or numerator < $fewest
        or denominator - numerator < $fewest
        or denominator < $minimums[list_position($indicators, indicator)]
    );
