-- One row is one structure, with how many actions of its register are still to be done after their day.
select structure, count(*)::integer as overdue
from current_actions($set_aside)
where status in ('open', 'in_progress', 'carried_over') and done_on is null and due_on < $today
group by structure
order by structure;
