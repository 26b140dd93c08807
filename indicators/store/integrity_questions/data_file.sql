-- One row is one data file, every column of it read: its bytes, its rows, and a digest of them that says nothing by itself.
select
    (select size from read_blob($file)) as size,
    (select count(*) from read_parquet($file)) as rows,
    (select bit_xor(hash(read)) from read_parquet($file) as read) as digest;
