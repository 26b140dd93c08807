-- One row is one current measure, as in `current_measures`, for a small store: full ranking, cheapest to plan.
create temp macro settled_measures(withdrawn) as table
from current_measures(withdrawn);
