-- One row is one indicator × period of one structure with a current answer: a figure, or « not applicable ».
select indicator, period
from current_measures($set_aside)
where
    structure = $structure
    and list_contains($periods, period)
    and segment = 'ensemble'
    and absence is distinct from 'missing'
group by all
order by all;
