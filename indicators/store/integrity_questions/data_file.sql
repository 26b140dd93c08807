-- One row is one data file, read in full: its size in bytes, its rows, and a digest that only forces the reading.
select
    (select size from read_blob($file)) as size,
    (select count(*) from read_parquet($file)) as rows,
    (select bit_xor(hash(read)) from read_parquet($file) as read) as digest;
