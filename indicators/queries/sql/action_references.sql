-- One row is one current action of some structures: its reference, and whether it is still open.
select structure, reference, status not in ('closed', 'abandoned') as open
from current_actions($set_aside)
where list_contains($structures, structure)
order by structure, reference;
