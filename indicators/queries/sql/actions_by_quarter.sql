-- One row is one quarter (its last day) from that of the first action of some structures to that of today: how many
-- actions were opened in it, and how many closed, by the day of their verdict.
with newest as (
    select structure, reference, max(sequence) as sequence
    from lake.actions
    where structure in (select unnest($structures)) and not list_contains($set_aside, deposit)
    group by structure, reference
),
current as (
    select quarter_end(opened_on) as opened_in, case when status = 'closed' then quarter_end(verified_on) end as closed_in
    from lake.actions
    semi join newest using (structure, reference, sequence)
    where structure in (select unnest($structures)) and opened_on <= $today
),
quarters as (
    select unnest(quarter_ends(min(opened_in), $today::date)) as quarter from current
)
select
    quarter,
    coalesce(opened, 0)::integer as opened,
    coalesce(closed, 0)::integer as closed
from quarters
left join (select opened_in as quarter, count(*) as opened from current group by all) using (quarter)
left join (select closed_in as quarter, count(*) as closed from current group by all) using (quarter)
order by quarter;
