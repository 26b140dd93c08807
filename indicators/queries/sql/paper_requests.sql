-- One row is one request or proposal made to some structures.
select structure, reference, received_on, "group" as from_group, request, answer, answered_on, action, reported_back_on, decision
from current_requests($set_aside)
where list_contains($structures, structure)
order by received_on, structure, reference;
