-- One row is one current action of a structure's register that names an indicator.
select reference, kind, action, opened_on, done_on, verified_on, effectiveness, status
from current_actions($set_aside)
where structure = $structure and indicator = $indicator
order by opened_on, reference;
