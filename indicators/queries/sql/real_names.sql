-- One row is one structure name without the mark « (fictif) », from any deposit, withdrawn ones included.
select distinct name
from lake.structures
where not contains(name, $invented)
order by name
limit $shown;
