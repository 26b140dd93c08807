-- One row is one target in force.
select perimeter, indicator, starts, ends, value, origin, agreed_on from current_targets($set_aside)
