-- One row is one dataset of which something was ever deposited.
select distinct dataset from lake.deposits
