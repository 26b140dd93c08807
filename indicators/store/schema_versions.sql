-- One row is one schema version that the store has had; a store without this table is of version 0.
create table if not exists lake.schema_versions (version integer not null);
