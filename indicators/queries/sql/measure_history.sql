-- One row is one deposited row of a measure (structure × period × indicator × segment), newest first, with its deposit;
-- none of a deposit that never was in force: one that waits for approval or was sent back, withdrawn since or not.
select
    measures.deposit, measures.sequence, measures.submitted_at, measures.line, measures.numerator,
    measures.denominator, measures.value, measures.absence,
    deposits.author, deposits.file_name, deposits.sha256, deposits.comment, measures.comment as row_comment,
    exists (from lake.deposits as taken where taken.withdraws = measures.deposit) as withdrawn
from lake.measures as measures
join lake.deposits as deposits on deposits.deposit = measures.deposit
where
    measures.structure = $structure
    and measures.indicator = $indicator
    and measures.period = $period
    and measures.segment = 'ensemble'
    and (withdrawn or not list_contains($set_aside, measures.deposit))
    and (
        deposits.eyes is null
        or measures.deposit in (
            select decided.deposit
            from lake.decisions as decided join lake.deposits as subject on subject.deposit = decided.deposit
            group by decided.deposit
            having
                bool_and(decided.verdict = 'approved') and count(*) >= greatest(any_value(subject.eyes) - 1, 1)
        )
    )
order by measures.sequence desc, measures.line
