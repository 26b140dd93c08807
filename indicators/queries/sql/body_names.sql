-- One row is one current body of some structures: its name, and the days between which it holds by its row.
select structure, body, holds_from, holds_until
from current_bodies($set_aside)
where list_contains($structures, structure)
order by structure, body, holds_from;
