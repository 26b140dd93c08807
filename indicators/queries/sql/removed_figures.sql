-- One row is one figure replaced by a declared absence: the deposit declares none where there was a current figure.
with gone as (
    select deposit, sequence, structure, period, period_end, indicator, segment, absence
    from lake.measures
    where list_contains($deposits, deposit) and absence is not null
),
former as (
    select gone.*, was.numerator, was.denominator, was.value
    from gone join lake.measures as was using (structure, period, indicator, segment)
    where was.sequence < gone.sequence and not list_contains($set_aside, was.deposit)
    qualify row_number() over (
        partition by gone.deposit, structure, period, indicator, segment order by was.sequence desc
    ) = 1
)
select deposit, structure, period, indicator, segment, numerator, denominator, value, absence
from former
where coalesce(numerator, value) is not null
order by deposit, structure, period_end, period, indicator, segment;
