-- From 2 to 3: a deposit says of which schema version the program was that read its file: another one may read it
-- otherwise. Which deposits of an upgraded store are older than its upgrade is not known: all are taken for such.
alter table lake.deposits add column schema_version integer;
update lake.deposits set schema_version = (select case when min(version) < 2 then 0 else 2 end from lake.schema_versions);
