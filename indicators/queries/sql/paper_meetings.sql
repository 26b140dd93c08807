-- One row is one meeting of the bodies of some structures, planned or held between two days.
select structure, body, planned_on, held_on, present_roles, decisions, actions
from current_meetings($set_aside)
where list_contains($structures, structure) and coalesce(held_on, planned_on) between $since and $until
order by coalesce(held_on, planned_on), structure, body;
