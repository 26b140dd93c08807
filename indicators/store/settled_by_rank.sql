-- What `current_measures` tells, of a small store: planning more than that would take longer than it saves.
create temp macro settled_measures(withdrawn) as table
from current_measures(withdrawn);
