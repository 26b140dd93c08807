-- One row is the newest deposit of these very bytes that was not withdrawn, be it approved or not.
select submitted_at, author from lake.deposits as made
where sha256 = $sha256 and not exists (from lake.deposits as taken where taken.withdraws = made.deposit)
order by sequence desc limit 1
