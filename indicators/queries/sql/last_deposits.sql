-- One row is one structure, and the moment of the newest deposit that holds rows of it, be they of any dataset but the
-- directory of structures, which is nobody's in particular.
select structure, max(submitted_at) as submitted_at
from deposited_rows()
where structure is not null and dataset <> 'structures' and not list_contains($set_aside, deposit)
group by structure
order by structure;
