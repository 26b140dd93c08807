-- One row is one current request of some structures: its reference, and whether it still waits for its answer.
select structure, reference, answered_on is null as open
from current_requests($set_aside)
where list_contains($structures, structure)
order by structure, reference;
