-- One row is one structure that keeps a register of meetings: the last day that its files cover.
select structure, max(told_until) as covered_until
from kept_registers($set_aside)
where dataset = 'instances'
group by structure
order by structure;
