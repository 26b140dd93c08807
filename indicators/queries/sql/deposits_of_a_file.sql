-- One row is the newest deposit in force of these very bytes.
select submitted_at, author from lake.deposits
where sha256 = $sha256 and not list_contains($withdrawn, deposit)
order by sequence desc limit 1
