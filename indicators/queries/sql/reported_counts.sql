-- One row is one structure × period of an indicator that structures report where their register does not count it.
select structure, indicator, period, period_end, numerator, denominator, value as stated_value, absence
from current_measures($set_aside)
where segment = 'ensemble' and list_contains($indicators, indicator)
order by structure, indicator, period_end;
