-- One row is one quarterly indicator with a deposited calendar year.
select distinct indicator
from lake.measures
where
    not list_contains($set_aside, deposit)
    and list_contains($indicators, indicator)
    and period = $year;
