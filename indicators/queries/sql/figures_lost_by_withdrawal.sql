-- One row is one current figure of a deposit that its withdrawal would remove: no other deposit replaces it.
with own as (
    select * from current_measures($set_aside) where deposit = $deposit and coalesce(numerator, value) is not null
),
instead as (
    select was.structure, was.period, was.indicator, was.segment, coalesce(was.numerator, was.value) as figure
    from own join lake.measures as was using (structure, period, indicator, segment)
    where was.deposit <> $deposit and not list_contains($set_aside, was.deposit)
    qualify row_number() over (
        partition by structure, period, indicator, segment order by was.sequence desc
    ) = 1
)
select own.structure, own.period, own.indicator, own.segment, own.numerator, own.denominator, own.value
from own left join instead using (structure, period, indicator, segment)
where instead.figure is null
order by own.structure, own.period_end, own.period, own.indicator, own.segment;
