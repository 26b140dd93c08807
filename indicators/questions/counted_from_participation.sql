-- One row is one structure × indicator × quarter (its last day) counted from the register of participation in force.
-- A quarter without any occasion, between the first and the last of the register, counts none.
with register as (
    select structure, present, in_pathway, last_day(date_trunc('quarter', held_on)::date + interval 2 month) as held_in
    from current_participation($withdrawn)
),
quarters as (
    select structure, last_day(unnest(generate_series(min(held_in), max(held_in), interval 3 month))::date) as quarter
    from register
    group by structure
)
select q.structure, 'psve_actions' as indicator, q.quarter as period_end, count(r.held_in)::double as numerator, null::double as denominator
from quarters q left join register r on r.structure = q.structure and r.held_in = q.quarter
group by all
union all
select structure, 'pathway_employee_event_share', held_in, sum(in_pathway), sum(present)
from register
where in_pathway is not null
group by all
having sum(present) > 0
order by structure, indicator, period_end;
