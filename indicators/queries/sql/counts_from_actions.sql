-- One row is one structure × indicator × quarter (its last day), counted from the current register of actions by the
-- definitions of the indicator sheets. A quarter is counted if a file of the register was accepted for it or for a
-- later one; without any action due or verified it is 0 of 0. Nothing is counted after a structure closed.
with closings as (
    select distinct structure, closed_on from dated_structures($set_aside)
),
register as (
    select
        structure,
        kind,
        effectiveness,
        done_on,
        due_on,
        quarter_end(opened_on) as opened_in,
        quarter_end(due_on) as due_in,
        quarter_end(verified_on) as verified_in,
        coalesce(due_on > closed_on, false) as due_after_closing,
        coalesce(verified_on > closed_on, false) as verified_after_closing
    from current_actions($set_aside) left join closings using (structure)
),
kept as (
    select
        structure,
        -- the count is cumulative, and stays: from the first action
        least(min(told_from), min(opened_in), min(due_in), min(verified_in)) as first_told,
        max(told_until) as last_told
    from kept_registers($set_aside) left join register using (structure)
    where dataset = 'actions'
    group by structure
),
quarters as (
    select structure, quarter
    from (select structure, unnest(quarter_ends(first_told, last_told)) as quarter from kept)
    left join closings using (structure)
    where closed_on is null or date_trunc('quarter', quarter) <= closed_on
)
select
    q.structure,
    'corrective_preventive_actions_total' as indicator,
    quarter as period_end,
    (count(*) filter (opened_in <= quarter and kind in ('corrective', 'preventive')))::double as numerator,
    null::double as denominator
from quarters q left join register using (structure)
group by all
union all
select q.structure, 'action_on_time_rate', quarter, count(*) filter (done_on <= due_on), count(due_in)
from quarters q left join register r on r.structure = q.structure and due_in = quarter and not due_after_closing
group by all
union all
select q.structure, 'action_effectiveness_rate', quarter, count(*) filter (effectiveness = 100), count(verified_in)
from quarters q
left join register r on r.structure = q.structure and verified_in = quarter and not verified_after_closing
group by all
union all
select q.structure, 'priority_action_completion_rate', quarter, count(done_on), count(due_in)
from quarters q
left join register r
    on r.structure = q.structure and due_in = quarter and kind = 'priority' and not due_after_closing
group by all
order by structure, indicator, period_end;
