-- From 4 to 5: the registers of a structure say more of an action and of an occasion; bodies, meetings, plans and requests
-- have tables of their own, which are made from the declarations of their datasets. Structures say since when they count
-- their actions. Papers are commented and closed.
alter table lake.deposits add column if not exists of_one_row boolean;
alter table lake.actions add column if not exists reason varchar;
alter table lake.actions add column if not exists accepted_until date;
alter table lake.actions add column if not exists publishable varchar;
alter table lake.participation add column if not exists eligible integer;
alter table lake.participation add column if not exists invited_apart varchar;
alter table lake.participation add column if not exists prepared varchar;
alter table lake.participation add column if not exists dimension varchar;
alter table lake.participation add column if not exists publishable varchar;
alter table lake.structures add column if not exists actions_since date;

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
