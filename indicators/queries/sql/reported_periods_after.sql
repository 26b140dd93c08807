-- One row is one structure × period ending after a day, with the number of its current figures.
select structure, period, count(*)::integer as figures
from current_measures($set_aside)
where
    structure between list_min($structures) and list_max($structures)
    and list_contains($structures, structure)
    and period_end > $since
    and absence is null
group by all
order by all;
