-- One row of `deposits` is one file accepted, or the withdrawal of one; the rows of every other table carry its id. The
-- tables of datasets are made before, from their declarations (`dataset_sql`).
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

-- One folder per year, and rows sorted by structure inside a file: a board reads little of it.
alter table lake.measures set partitioned by (year(period_end));
alter table lake.measures set sorted by (structure, period_end, indicator);
call lake.set_option('parquet_row_group_size', 30720);
