-- One row is one structure × indicator × quarter (its last day), counted from the current register of participation.
-- A quarter is counted if a file of the register was accepted for it or for a later one; without any occasion it is 0.
-- The composition of a board is no occasion.
-- Nothing is counted after a structure closed.
with closings as (
    select distinct structure, closed_on from dated_structures($set_aside)
),
register as (
    select structure, present, in_pathway, quarter_end(held_on) as held_in
    from current_participation($set_aside) left join closings using (structure)
    where form <> 'board_seats' and (closed_on is null or held_on <= closed_on)
),
kept as (
    select structure, least(min(told_from), min(held_in)) as first_told, max(told_until) as last_told
    from kept_registers($set_aside) left join register using (structure)
    where dataset = 'participation'
    group by structure
),
quarters as (
    select structure, quarter
    from (select structure, unnest(quarter_ends(first_told, last_told)) as quarter from kept)
    left join closings using (structure)
    where closed_on is null or date_trunc('quarter', quarter) <= closed_on
)
select q.structure, 'psve_actions' as indicator, q.quarter as period_end, count(held_in)::double as numerator, null::double as denominator
from quarters q left join register r on r.structure = q.structure and held_in = quarter
group by all
union all
-- Occasions without a number of pathway employees are not counted; a quarter with no others is unknown.
select q.structure, 'pathway_employee_event_share', quarter,
    coalesce(sum(in_pathway), 0), coalesce(sum(present) filter (in_pathway is not null), 0)
from quarters q left join register r on r.structure = q.structure and held_in = quarter
group by all
having count(held_in) = 0 or count(in_pathway) > 0
order by structure, indicator, period_end;
