-- One row is one period of one indicator of one structure: the depositor's comment on its measure.
select period, comment
from current_measures($set_aside)
where
    structure = $structure
    and indicator = $indicator
    and segment = 'ensemble'
    and comment is not null
order by period_end, period;
