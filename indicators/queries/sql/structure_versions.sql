-- One row is one structure × the days between which its attributes hold, oldest first.
select * exclude (deposit, sequence, submitted_at, line) from dated_structures($set_aside) order by structure, holds_from
