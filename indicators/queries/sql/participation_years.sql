-- One row is one year in which some structures held an occasion of participation, received a request, or composed a
-- board.
select distinct year(day)::integer as year
from (
    select structure, held_on as day from current_participation($set_aside)
    union all
    select structure, received_on from current_requests($set_aside)
)
where structure between $lowest and $highest and ($everyone or structure in (select unnest($structures)))
order by year desc;
