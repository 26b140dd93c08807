-- One row is one deposited row of a measure (structure × period × indicator × segment), newest first, with its deposit;
-- none of a deposit that waits for approval or was sent back.
select
    measures.deposit, measures.sequence, measures.submitted_at, measures.line, measures.numerator,
    measures.denominator, measures.value, measures.absence,
    deposits.author, deposits.file_name, deposits.comment, measures.comment as row_comment,
    exists (from lake.deposits as taken where taken.withdraws = measures.deposit) as withdrawn
from lake.measures as measures
join lake.deposits as deposits on deposits.deposit = measures.deposit
where
    measures.structure = $structure
    and measures.indicator = $indicator
    and measures.period = $period
    and measures.segment = 'ensemble'
    and (withdrawn or not list_contains($set_aside, measures.deposit))
order by measures.sequence desc, measures.line
