-- One row is one structure, with how many actions of its register are still to be done after their day. An accepted
-- deviation is overdue again after the day until which it was accepted.
select structure, count(*)::integer as overdue
from current_actions($set_aside)
where
    status in ('open', 'in_progress', 'carried_over') and done_on is null and due_on < $today
    or status = 'accepted_deviation' and accepted_until < $today
group by structure
order by structure;
