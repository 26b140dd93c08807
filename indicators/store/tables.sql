-- One row of `deposits` is one file accepted, or the withdrawal of one; the rows of a dataset carry its id. The tables
-- of datasets are made before, from their declarations (`dataset_sql`).
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
    schema_version integer,
    -- Pairs of eyes asked of it, the depositor's among them, by the campaigns as they were at its place in the order;
    -- null: no approval.
    eyes integer,
    -- Whether it is a row written on a page: it says nothing of the rest of its register.
    of_one_row boolean
);

-- One row is one decision on a deposit that was subject to approval: `approved` or `sent_back`, which says why.
create table if not exists lake.decisions (
    decision varchar not null,
    -- Its place in the one order of deposits, decisions and campaigns.
    sequence bigint not null,
    decided_at timestamp not null,
    author varchar not null,
    deposit varchar not null,
    verdict varchar not null,
    comment varchar
);

-- One row is the campaign of a period as it was declared at some moment, or a late exception of one structure (`due` is
-- its last day); the newest of a period, or of a period and structure, holds.
create table if not exists lake.campaigns (
    record varchar not null,
    -- Its place in the one order of deposits, decisions and campaigns: approval is asked of what comes after.
    sequence bigint not null,
    recorded_at timestamp not null,
    author varchar not null,
    period varchar not null,
    structure varchar,
    opens date,
    due date not null,
    locks date,
    review date,
    eyes integer,
    approved_by varchar,
    reason varchar
);

-- A row of place 0, which says nothing, begins both: a table without any row takes ten times as long to read.
insert into lake.decisions (decision, sequence, decided_at, author, deposit, verdict)
values ('', 0, timestamp '1970-01-01', '', '', '');
insert into lake.campaigns (record, sequence, recorded_at, author, period, due)
values ('', 0, timestamp '1970-01-01', '', '', date '1970-01-01');

-- One row is a comment or a decision that somebody wrote in a section of a paper of some perimeter and sitting; the
-- newest of a section holds, and one without text takes it out again.
create table if not exists lake.paper_comments (
    comment varchar not null,
    -- Its place in the order of comments.
    sequence bigint not null,
    written_at timestamp not null,
    author varchar not null,
    paper varchar not null,
    perimeter varchar not null,
    sitting varchar not null,
    section varchar not null,
    text varchar
);

-- One row is a paper as it was closed: its PDF, byte for byte. Closed again, it has another row.
create table if not exists lake.papers (
    closing varchar not null,
    -- Its place in the order of closings.
    sequence bigint not null,
    closed_at timestamp not null,
    author varchar not null,
    paper varchar not null,
    perimeter varchar not null,
    sitting varchar not null,
    audience varchar not null,
    language varchar not null,
    title varchar not null,
    -- Version of the store that its figures and rows were read from.
    data_version bigint not null,
    sha256 varchar not null,
    content blob not null
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
