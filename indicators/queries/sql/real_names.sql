-- One row is one name that a structure was ever given, by a deposit withdrawn since as well, and that says not « (fictif) ».
select distinct name
from lake.structures
where not contains(name, $invented)
order by name
limit $shown;
