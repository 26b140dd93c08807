-- One row is all current actions of some structures together: how many there are, how old those are that are open, how
-- long it took to close the others, and how many of those that were due or verified were on time or effective. The day
-- of closing is that of the verdict, which no action is closed without.
with newest as (
    select structure, reference, max(sequence) as sequence
    from lake.actions
    where structure in (select unnest($structures)) and not list_contains($set_aside, deposit)
    group by structure, reference
),
current as (
    select
        opened_on,
        due_on,
        done_on,
        verified_on,
        effectiveness,
        status = 'closed' as is_closed,
        status not in ('closed', 'abandoned') as is_open,
        $today::date - opened_on as age,
        verified_on - opened_on as days_to_close,
        coalesce(
            status in ('open', 'in_progress', 'carried_over') and done_on is null and due_on < $today
            or status = 'accepted_deviation' and accepted_until < $today,
            false
        ) as is_late
    from lake.actions
    semi join newest using (structure, reference, sequence)
    where structure in (select unnest($structures))
)
select
    count(*)::integer as total,
    (count(*) filter (is_open))::integer as open,
    (count(*) filter (is_late))::integer as late,
    (count(*) filter (is_closed))::integer as closed,
    min(opened_on) as first_opened_on,
    [
        (count(*) filter (is_open and age < 30))::integer,
        (count(*) filter (is_open and age >= 30 and age < 90))::integer,
        (count(*) filter (is_open and age >= 90 and age < 180))::integer,
        (count(*) filter (is_open and age >= 180 and age <= 365))::integer,
        (count(*) filter (is_open and age > 365))::integer
    ] as ages,
    median(days_to_close) filter (is_closed) as median_days_to_close,
    (count(*) filter (done_on <= due_on and due_on < $today))::integer as on_time,
    (count(*) filter (due_on < $today))::integer as due,
    (count(*) filter (effectiveness = 100))::integer as effective,
    (count(effectiveness))::integer as verified
from current;
