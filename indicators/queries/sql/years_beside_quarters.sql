-- One row is one quarterly indicator of which some structure deposited a year as such.
select distinct indicator
from lake.measures
where
    not list_contains($withdrawn, deposit)
    and list_contains($indicators, indicator)
    and period = $year;
