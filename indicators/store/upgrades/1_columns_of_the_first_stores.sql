-- From 0, a store without a version, to 1: adds the columns that the first stores lacked, empty.
alter table lake.actions add column if not exists indicator varchar;
alter table lake.structures add column if not exists valid_from date;
alter table lake.structures add column if not exists predecessor varchar;
alter table lake.deposits add column if not exists period varchar;
alter table lake.deposits add column if not exists period_end date;
alter table lake.deposits add column if not exists structure varchar;
