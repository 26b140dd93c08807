-- What `current_measures` tells where no two deposits tell of the same structure and period: there is nothing to rank.
create temp macro settled_measures(withdrawn) as table
select * from lake.measures where not list_contains(withdrawn, deposit);
