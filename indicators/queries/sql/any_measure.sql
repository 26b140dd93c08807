-- One row says that the store holds measures at all.
select 1 as measure from lake.measures limit 1
