-- One row is one action in force of a structure that names an indicator, as its register tells it.
select reference, kind, action, opened_on, due_on, done_on, verified_on, effectiveness, status
from current_actions($withdrawn)
where structure = $structure and indicator = $indicator
order by opened_on, reference;
