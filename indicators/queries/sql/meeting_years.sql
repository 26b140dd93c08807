-- One row is one year in which a body of some structures is declared, or met, up to the year of a day.
select distinct unnest(range(year(holds_from), least(year(holds_until), year($today::date)) + 1))::integer as year
from dated_bodies($set_aside)
where list_contains($structures, structure)
union
select year(coalesce(held_on, planned_on))::integer
from current_meetings($set_aside)
where list_contains($structures, structure) and year(coalesce(held_on, planned_on)) <= year($today::date)
order by year desc;
