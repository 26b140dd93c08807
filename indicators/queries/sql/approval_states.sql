-- One row is one deposit that was subject to approval and was not withdrawn: where it stands.
select deposit, state from approval_states() order by sequence
