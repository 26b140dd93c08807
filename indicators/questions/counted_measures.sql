-- Only its columns count: a reader shows its own rows under the same name, which come first in the search path.
create table register_counts (
    structure varchar,
    indicator varchar,
    period_end date,
    numerator double,
    denominator double,
    period varchar
);

-- One row is one structure × indicator × period in force, all segments together: as reported or, for the structures
-- that keep the register, as counted from it. The rows counted from registers are those of `register_counts`, which
-- the reader holds for its version of the store; `first` and `last` bound the codes of the structures asked for.
create macro counted_measures(withdrawn, first, last) as table
select structure, indicator, period, period_end, numerator, denominator, value, absence
from current_measures(withdrawn) m
where
    structure between first and last
    and segment = 'ensemble'
    and not exists (from register_counts r where r.structure = m.structure and r.indicator = m.indicator)
union all by name
select structure, indicator, period, period_end, numerator, denominator, null::double as value, null::varchar as absence
from register_counts;
