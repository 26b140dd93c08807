-- One row is one record of the store before a moment: a deposit, a withdrawal or an erasure, newest first.
select
    submitted_at as at, author, case when is_dataset(dataset) then 'deposit' else dataset end as kind, deposit, dataset,
    file_name, rows_accepted, comment, withdraws, structure
from lake.deposits
where
    submitted_at < $before
    and ($author is null or author = $author)
    and ($kinds is null or list_contains($kinds, kind))
order by sequence desc
limit $shown
