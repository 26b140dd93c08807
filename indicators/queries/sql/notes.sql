-- One row is one period of one indicator of one structure: what the depositor wrote beside its measure.
select period, comment
from current_measures($withdrawn)
where
    structure = $structure
    and indicator = $indicator
    and segment = 'ensemble'
    and comment is not null
order by period_end, period;
