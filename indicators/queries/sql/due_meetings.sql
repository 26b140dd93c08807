-- One row is one meeting that a body of some structures owes by its recurrence: the last day on which it is due, between
-- two days, both included.
select structure, body, due_on
from due_meetings($set_aside, $structures::varchar[], year($since::date), year($until::date))
where due_on between $since::date and $until::date
order by structure, body, due_on;
