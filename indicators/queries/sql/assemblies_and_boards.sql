-- One row is one general assembly, or one composition of a board, that says how many were eligible (how many seats there
-- are); nothing after its structure closed. `is_covered` says whether the register was deposited for its whole year, or
-- up to the closing.
with closings as (
    select distinct structure, closed_on from dated_structures($set_aside)
),
kept as (
    select structure, max(told_until) as told_until
    from kept_registers($set_aside)
    where dataset = 'participation'
    group by structure
)
select
    structure,
    reference,
    form,
    held_on,
    present,
    eligible,
    coalesce(told_until >= least(make_date(year(held_on), 12, 31), quarter_end(closed_on)), false) as is_covered
from current_participation($set_aside) left join closings using (structure) left join kept using (structure)
where
    form in ('general_assembly', 'board_seats')
    and eligible > 0
    and (closed_on is null or held_on <= closed_on)
order by structure, held_on, reference;
