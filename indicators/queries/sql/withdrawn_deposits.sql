-- One row is one deposit that another one withdraws.
select withdraws from lake.deposits where withdraws is not null
