-- One row is one structure × indicator × quarter (its last day) counted from the register of actions in force, with
-- the definitions of the indicator sheets.
with register as (
    select
        structure,
        kind,
        effectiveness,
        done_on,
        due_on,
        last_day(date_trunc('quarter', opened_on)::date + interval 2 month) as opened_in,
        last_day(date_trunc('quarter', due_on)::date + interval 2 month) as due_in,
        last_day(date_trunc('quarter', verified_on)::date + interval 2 month) as verified_in
    from current_actions($withdrawn)
),
newest as (
    select max(opened_in) as quarter from register
),
opened as (
    -- every quarter from a structure's first action to the network's last: the count is cumulative, and stays
    select structure, last_day(unnest(generate_series(min(opened_in), max(newest.quarter), interval 3 month))::date) as quarter
    from register, newest
    group by structure
)
select
    structure,
    'corrective_preventive_actions_total' as indicator,
    quarter as period_end,
    (count(*) filter (opened_in <= quarter and kind in ('corrective', 'preventive')))::double as numerator,
    null::double as denominator
from opened join register using (structure)
group by all
union all
select structure, 'action_on_time_rate', due_in, count(*) filter (done_on <= due_on), count(*)
from register
where due_in is not null
group by all
union all
select structure, 'action_effectiveness_rate', verified_in, count(*) filter (effectiveness = 100), count(*)
from register
where verified_in is not null
group by all
union all
select structure, 'priority_action_completion_rate', due_in, count(done_on), count(*)
from register
where due_in is not null and kind = 'priority'
group by all
order by structure, indicator, period_end;
