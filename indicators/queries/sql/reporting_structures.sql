-- One row is one structure × indicator, of a few indicators, with a reported figure.
select distinct structure, indicator
from lake.measures
where
    not list_contains($set_aside, deposit)
    and list_contains($indicators, indicator)
    and coalesce(numerator, value) is not null;
