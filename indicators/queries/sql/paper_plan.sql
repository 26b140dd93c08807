-- One row is one line of the plans of some structures for a year.
select structure, year, axis, commitment, action, indicator
from current_plan($set_aside)
where list_contains($structures, structure) and list_contains($years, year)
order by axis, commitment, structure, action;
