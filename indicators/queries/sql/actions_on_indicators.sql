-- One row is one current action of some structures that names an indicator, oldest first.
select structure, indicator, reference, opened_on, verified_on
from current_actions($set_aside)
where indicator is not null and structure in (select unnest($structures))
order by structure, indicator, opened_on, reference;
