-- One row is one meeting of a structure that is planned from a day on, and not held.
select body, planned_on
from current_meetings($set_aside)
where structure = $structure and held_on is null and planned_on >= $today
order by planned_on, body;
