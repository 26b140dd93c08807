-- One row is one file deposited: the start of its digest, as a number.
select ('0x' || left(sha256, $digits))::bigint as digest from lake.deposits where sha256 is not null
