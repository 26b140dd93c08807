-- What is current is a question: the newest deposit, not withdrawn, that holds a key. `withdrawn` is the list of the
-- deposits that another one withdraws; the columns of a key stand in `partition by`, so that a filter on them is
-- applied before the window is computed.

create macro current_structures(withdrawn) as table
select *
from lake.structures
where not list_contains(withdrawn, deposit)
qualify rank() over (partition by structure order by submitted_at desc) = 1;

-- A row replaces the row of its own segment only: a file of breakdowns leaves the figure of the whole in force.
create macro current_measures(withdrawn) as table
select *
from lake.measures
where not list_contains(withdrawn, deposit)
qualify rank() over (partition by structure, period, period_end, indicator, segment order by submitted_at desc) = 1;

create macro current_actions(withdrawn) as table
select *
from lake.actions
where not list_contains(withdrawn, deposit)
qualify rank() over (partition by structure, reference order by submitted_at desc) = 1;

create macro current_participation(withdrawn) as table
select *
from lake.participation
where not list_contains(withdrawn, deposit)
qualify rank() over (partition by structure, reference order by submitted_at desc) = 1;

create macro current_targets(withdrawn) as table
select *
from lake.targets
where not list_contains(withdrawn, deposit)
qualify rank() over (partition by perimeter, indicator, starts order by submitted_at desc) = 1;
