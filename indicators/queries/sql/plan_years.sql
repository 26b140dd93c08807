-- One row is one structure × year of its plans: the actions planned, and those of them done by the end of that year.
with planned as (
    select distinct
        structure,
        year,
        action as reference,
        case when len(year) = 4 then make_date(year::integer, 12, 31) else make_date(year[6:]::integer, 8, 31) end as last_day
    from current_plan($set_aside)
    where list_contains($structures, structure)
)
select
    structure,
    year,
    count(reference)::integer as planned,
    (count(*) filter (done_on <= last_day))::integer as done
from planned left join current_actions($set_aside) using (structure, reference)
group by all
order by year, structure;
