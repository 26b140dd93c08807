-- Macros beyond the current rows of each dataset, which are made from its declaration (`dataset_sql`). `set_aside` is the
-- list of deposits that are not in force: withdrawn, waiting for approval or sent back.

-- One row is one structure with the attributes it had between two days, both included.
create macro dated_structures(set_aside) as table
select
    * exclude (opened_on, closed_on),
    -- Opening and closing days do not change over time: those of the newest deposit hold for all versions.
    last_value(opened_on) over whole as opened_on,
    last_value(closed_on) over whole as closed_on,
    case when lag(structure) over history is null then date '0001-01-01' else valid_from end as holds_from,
    coalesce(lead(valid_from) over history - 1, date '9999-12-31')::date as holds_until
from current_structures(set_aside)
window
    history as (partition by structure order by valid_from nulls first),
    whole as (
        partition by structure order by sequence, valid_from nulls first
        rows between unbounded preceding and unbounded following
    );

-- One row is one structure × register that it keeps: the first and the last day covered by its files.
-- A file covers the period for which it was collected; without rows, for the depositing structure or, if none was
-- named, for all that keep the register. A file with an unknown period covers the time up to the newest day of its
-- current rows. A file deposited before its period was over does not cover the quarter in which it was deposited.
-- A row written on a page covers nothing that a file of its register did not: it says nothing of the rest of the quarter.
create macro kept_registers(set_aside) as table
with files as (
    select
        deposit,
        dataset,
        structure,
        rows_accepted,
        period_end is not null as dated,
        coalesce(of_one_row, false) as of_one_row,
        period_end < submitted_at::date as over,
        case when over then period_end else (date_trunc('quarter', submitted_at) - interval 1 day)::date end as until
    from lake.deposits
    where is_register(dataset) and not list_contains(set_aside, deposit)
),
held as (
    select distinct dataset, deposit, structure
    from deposited_rows()
    where is_register(dataset) and not list_contains(set_aside, deposit)
),
filed as (
    select filed.dataset, filed.structure, max(newest) as newest
    from filed_registers() as filed join files using (deposit)
    where not dated and not of_one_row
    group by all
),
known as (
    select held.dataset, held.structure, until, over
    from held join files using (deposit)
    where dated
    union all
    select in_force.dataset, in_force.structure, newest, true
    from current_registers(set_aside) as in_force join files using (deposit)
    where not dated and not of_one_row
    union all
    select written.dataset, written.structure, least(written.newest, filed.newest), true
    from current_registers(set_aside) as written
    join files using (deposit)
    join filed on filed.dataset = written.dataset and filed.structure = written.structure
    where not files.dated and of_one_row
    union all
    select dataset, structure, until, over
    from files
    where dated
    union all
    select files.dataset, keepers.structure, until, over
    from files join (select distinct dataset, structure from held) as keepers using (dataset)
    where files.structure is null and rows_accepted = 0 and dated
)
select dataset, structure, min(until) filter (over) as told_from, max(until) as told_until
from known
where structure is not null
group by all;

-- One row is one record of the store: its place in the one order of deposits, decisions and campaigns, and its moment.
create macro places() as table
select deposit as record, sequence, submitted_at as moment from lake.deposits
union all
select decision, sequence, decided_at from lake.decisions where sequence > 0
union all
select record, sequence, recorded_at from lake.campaigns where sequence > 0;

-- One row is one deposit that was subject to approval and was not withdrawn: how many approved it, and where it stands.
-- Sent back once, it stays so. Of several pairs of eyes one is the depositor's.
create macro approval_states() as table
with decided as (
    select
        deposit,
        count(distinct author) filter (verdict = 'approved') as approvals,
        bool_or(verdict = 'sent_back') as sent_back
    from lake.decisions
    group by deposit
)
select
    made.deposit,
    made.sequence,
    made.eyes,
    coalesce(approvals, 0)::integer as approvals,
    case
        when sent_back then 'sent_back'
        when coalesce(approvals, 0) >= greatest(made.eyes - 1, 1) then 'approved'
        else 'waiting'
    end as state
from lake.deposits as made left join decided using (deposit)
where made.eyes is not null and not exists (from lake.deposits as taken where taken.withdraws = made.deposit);

-- How counts add up: what `figures/aggregation.py` says of frames.

-- A count without its numerator was not given; a sum of counts without denominators has none.
create macro summed_denominator(numerator, denominator) as
    sum(denominator) filter (numerator is not null);

-- Full-time equivalents: the sum of the structures' own quotients.
create macro summed_quotients(numerator, denominator) as
    sum(numerator / nullif(denominator, 0));

-- The largest share of one count in a sum; null in a sum of nothing.
create macro largest_share(weight) as
    max(weight) / nullif(sum(weight), 0);

-- Quarters, by their last days: the one that holds a day, and all from one day to another.
create macro quarter_end(day) as
    last_day(date_trunc('quarter', day)::date + interval 2 month);
create macro quarter_ends(first, latest) as
    list_transform(
        generate_series(quarter_end(first), quarter_end(latest), interval 3 month),
        lambda month: last_day(month::date)
    );

-- Last day of the part of a year in which a meeting is due, when the year has so many parts: whole months, half-months
-- or weeks, of which each quarter has thirteen.
create macro part_end(year, part, parts) as
    case
        when parts <= 12 then last_day(make_date(year, 12 * part // parts, 1))
        when parts = 24 and part % 2 = 1 then make_date(year, (part + 1) // 2, 15)
        when parts = 24 then last_day(make_date(year, part // 2, 1))
        else least(
            make_date(year, 3 * ((part - 1) // 13) + 1, 1) + (7 * ((part - 1) % 13 + 1) - 1)::integer,
            last_day(make_date(year, 3 * ((part - 1) // 13) + 3, 1))
        )
    end;

-- One row is one body of a structure with the recurrence that it had between two days, both included: until the day
-- before its next row begins, or its structure closed.
create macro dated_bodies(set_aside) as table
select
    bodies.* exclude (holds_until, deposit, sequence, submitted_at, line),
    least(
        coalesce(holds_until, date '9999-12-31'),
        coalesce(lead(holds_from) over (partition by structure, body order by holds_from) - 1, date '9999-12-31'),
        coalesce(closed_on, date '9999-12-31')
    )::date as holds_until
from current_bodies(set_aside) as bodies
left join (
    -- The closing day of the newest row, as in `dated_structures`.
    select structure, arg_max_null(closed_on, (sequence, coalesce(valid_from, date '0001-01-01'))) as closed_on
    from current_structures(set_aside)
    group by structure
) using (structure);

-- The last days on which the meetings of a recurrence are due in a year: computed of each recurrence, not of each body.
create macro due_days(recurrence, year) as
    list_transform(
        range(1, meetings_per_year(recurrence) + 1),
        lambda part: part_end(year, part, meetings_per_year(recurrence))::date
    );

-- The years between two others in which something is in force between two days.
create macro years_in_force(holds_from, holds_until, first_year, last_year) as
    range(greatest(year(holds_from), first_year), least(year(holds_until), last_year) + 1);

-- One row is one meeting that a body owes by its recurrence, between two years: the last day on which it is due. A body in
-- force for a part of a year owes the meetings that are due in its days. Of some structures, or of all where they are null.
create macro due_meetings(set_aside, structures, first_year, last_year) as table
with years as (
    select *, unnest(years_in_force(holds_from, holds_until, first_year, last_year)) as year
    from dated_bodies(set_aside)
    where structures is null or list_contains(structures, structure)
),
days as (
    select recurrence, year, unnest(due_days(recurrence, year)) as due_on
    from (select distinct recurrence, year from years)
)
select structure, body, year, due_on
from years join days using (recurrence, year)
where due_on between holds_from and holds_until;
