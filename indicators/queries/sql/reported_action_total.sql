-- One row is the newest total of actions that a structure reported itself, with the last day of its period; none if it
-- reported none.
select period_end, coalesce(numerator, value)::integer as total
from current_measures($set_aside)
where
    structure = $structure
    and indicator = 'corrective_preventive_actions_total'
    and segment = 'ensemble'
    and coalesce(numerator, value) is not null
order by period_end desc
limit 1;
