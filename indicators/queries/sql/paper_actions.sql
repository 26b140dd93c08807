-- One row is one current action in the registers of some structures.
select
    structure, reference, kind, origin, process, axis, observation, action, owner_role, opened_on, due_on, done_on,
    criterion, verified_on, effectiveness, status, indicator, accepted_until
from current_actions($set_aside)
where list_contains($structures, structure)
order by due_on nulls last, structure, reference;
