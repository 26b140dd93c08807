-- One row is one current action of some structures that every filter keeps, of one page of the list: what is late comes
-- first, then what is to be done by its day, then the rest, newest first. `total` is how many there are on all pages.
-- Only the columns that are compared are read of every action, and the others of those of the page.
with newest as (
    select structure, reference, max(sequence) as sequence
    from lake.actions
    where structure in (select unnest($structures)) and not list_contains($set_aside, deposit)
    group by structure, reference
),
kept as (
    select
        structure,
        reference,
        sequence,
        opened_on,
        status not in ('closed', 'abandoned') as is_open,
        coalesce(
            status in ('open', 'in_progress', 'carried_over') and done_on is null and due_on < $today
            or status = 'accepted_deviation' and accepted_until < $today,
            false
        ) as is_late,
        case when status = 'accepted_deviation' then accepted_until else due_on end as awaited_on
    from lake.actions
    where
        structure in (select unnest($structures))
        and ($process is null or process = $process)
        and ($axis is null or axis = $axis)
        and ($origin is null or origin = $origin)
        and ($kind is null or kind = $kind)
        and ($owner_role is null or owner_role = $owner_role)
        and ($indicator is null or indicator = $indicator)
        and case $status when 'all' then true when 'to_do' then is_open when 'late' then is_late else status = $status end
        and (
            $text is null
            or contains(lower(concat_ws(' ', reference, action, observation, cause)), lower($text))
        )
),
page as (
    select kept.*, count(*) over () as total
    from kept semi join newest using (structure, reference, sequence)
    order by
        not is_late, not is_open, case when is_open then awaited_on end nulls last, opened_on desc, structure, reference
    limit $limit offset $offset
)
select held.* exclude (deposit, sequence, submitted_at, line), is_open, is_late, total
from page
join (from lake.actions where reference in (select reference from page)) as held using (structure, reference, sequence)
order by
    not is_late, not is_open, case when is_open then awaited_on end nulls last, held.opened_on desc, structure, reference;
