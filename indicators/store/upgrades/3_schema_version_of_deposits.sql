-- From 2 to 3: a deposit records the schema version of the program that read its file, since another one may read it
-- differently. Which deposits of an upgraded store are older than its upgrade is unknown: all are treated as older.
alter table lake.deposits add column schema_version integer;
update lake.deposits set schema_version = (select case when min(version) < 2 then 0 else 2 end from lake.schema_versions);
