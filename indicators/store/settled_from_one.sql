-- One row is one current measure, as in `current_measures`, for a store without overlapping deposits: no ranking.
create temp macro settled_measures(set_aside) as table
select * from lake.measures where not list_contains(set_aside, deposit);
