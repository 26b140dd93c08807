-- One row is one structure of one deposit that waits for approval or was sent back, as many as have rows in it, or the
-- one that it was collected from; null for a file without a row and without a structure.
with aside as (select deposit, sequence from approval_states() where state <> 'approved'),
held as (
    select distinct deposit, structure from deposited_rows() semi join aside using (deposit) where structure is not null
    union
    select deposit, structure from lake.deposits semi join aside using (deposit) where structure is not null
)
select deposit, structure
from aside left join held using (deposit)
order by sequence, structure;
