-- One row is one current measure, as in `current_measures`, for a small store: full ranking, cheapest to plan.
create temp macro settled_measures(set_aside) as table
from current_measures(set_aside);
