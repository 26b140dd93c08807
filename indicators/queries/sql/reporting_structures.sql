-- One row is one structure × one of a few indicators of which it reported some figure.
select distinct structure, indicator
from lake.measures
where
    not list_contains($withdrawn, deposit)
    and list_contains($indicators, indicator)
    and coalesce(numerator, value) is not null;
