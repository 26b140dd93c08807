-- One row is the record of one deposit.
select * from lake.deposits where deposit = $deposit
