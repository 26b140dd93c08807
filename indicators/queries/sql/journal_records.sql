-- One row is one record of the store before a place in the journal, newest first: a deposit, a withdrawal, an erasure,
-- a decision on a deposit, or the dates of a campaign.
with records as (
    select
        sequence, submitted_at as moment, author,
        case when is_dataset(dataset) then 'deposit' else dataset end as kind,
        deposit, dataset, file_name, rows_accepted, comment, withdraws, structure, period
    from lake.deposits
    union all
    select
        sequence, decided_at, author, verdict, decision, null, null, 0, comment, deposit, null, null
    from lake.decisions
    where sequence > 0
    union all
    select
        sequence, recorded_at, author, if(structure is null, 'campaign', 'exception'), record, null, null, 0, reason,
        null, structure, period
    from lake.campaigns
    where sequence > 0
)
select
    sequence, moment as at, author, kind, deposit, dataset, file_name, rows_accepted, comment, withdraws, structure,
    period
from records
where
    (moment < $before or (moment = $before and sequence < $below))
    and ($author is null or author = $author)
    and ($kinds is null or list_contains($kinds, kind))
order by moment desc, sequence desc
limit $shown;
