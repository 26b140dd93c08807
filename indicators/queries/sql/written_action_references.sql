-- One row is one reference that a structure ever gave to an action, even one that waits for approval or was withdrawn.
select distinct reference
from lake.actions
where structure = $structure
order by reference;
