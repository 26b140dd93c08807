-- One row of `deposits` is one file accepted, or the withdrawal of one; the rows of every other table carry its id.
-- DuckLake has no keys and no checks: the intake is the only guard, so nothing else writes here.
create table if not exists lake.deposits (
    deposit varchar not null,
    -- Order of the deposits: one more than the newest, assigned under the write lock. It decides what is current.
    sequence bigint not null,
    -- Clock time in UTC; it decides nothing.
    submitted_at timestamp not null,
    author varchar not null,
    dataset varchar not null,
    file_name varchar,
    sha256 varchar,
    rows_read integer not null,
    rows_accepted integer not null,
    findings varchar not null,
    comment varchar,
    withdraws varchar,
    -- The period collected and the depositing structure, if known.
    period varchar,
    period_end date,
    structure varchar,
    -- The newest moment already stored, if it is later than this deposit's.
    newer_moment timestamp,
    -- Schema version of the program that read the file: another one may read it differently.
    schema_version integer
);

-- One row is one schema version that the store has had; a store without this table is of version 0.
create table if not exists lake.schema_versions (version integer not null);

create table if not exists lake.files (
    deposit varchar not null,
    content blob not null
);

create table if not exists lake.structures (
    deposit varchar not null,
    sequence bigint not null,
    submitted_at timestamp not null,
    line integer not null,
    structure varchar not null,
    name varchar not null,
    kind varchar not null,
    "group" varchar,
    region varchar not null,
    department varchar,
    country varchar not null,
    siret varchar,
    bce varchar,
    opened_on date,
    closed_on date,
    -- First day of the other attributes; null if they hold from the beginning.
    valid_from date,
    predecessor varchar
);

create table if not exists lake.measures (
    deposit varchar not null,
    sequence bigint not null,
    submitted_at timestamp not null,
    line integer not null,
    structure varchar not null,
    period varchar not null,
    period_end date not null,
    indicator varchar not null,
    segment varchar not null,
    numerator double,
    denominator double,
    value double,
    absence varchar,
    comment varchar
);

create table if not exists lake.actions (
    deposit varchar not null,
    sequence bigint not null,
    submitted_at timestamp not null,
    line integer not null,
    structure varchar not null,
    reference varchar not null,
    kind varchar not null,
    origin varchar,
    process varchar,
    axis varchar,
    observation varchar,
    cause varchar,
    action varchar not null,
    owner_role varchar,
    opened_on date not null,
    due_on date,
    done_on date,
    criterion varchar,
    verified_on date,
    effectiveness integer,
    status varchar not null,
    indicator varchar
);

create table if not exists lake.participation (
    deposit varchar not null,
    sequence bigint not null,
    submitted_at timestamp not null,
    line integer not null,
    structure varchar not null,
    reference varchar not null,
    held_on date not null,
    form varchar not null,
    theme varchar,
    invited integer,
    present integer not null,
    in_pathway integer,
    hours double
);

create table if not exists lake.targets (
    deposit varchar not null,
    sequence bigint not null,
    submitted_at timestamp not null,
    line integer not null,
    perimeter varchar not null,
    indicator varchar not null,
    starts varchar not null,
    ends varchar,
    value double not null,
    origin varchar not null,
    agreed_on date
);

-- One folder per year, and rows sorted by structure inside a file: a board reads little of it.
alter table lake.measures set partitioned by (year(period_end));
alter table lake.measures set sorted by (structure, period_end, indicator);
call lake.set_option('parquet_row_group_size', 30720);
