-- From 3 to 4: campaigns are declared and altered in the store, and deposits may be subject to approval. None of those
-- that are there is: they stay in force.
alter table lake.deposits add column eyes integer;

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
