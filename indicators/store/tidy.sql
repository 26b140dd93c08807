-- Merges small files and removes files that the catalogue no longer references, once inlined rows are in Parquet; files
-- that it never referenced are checked one by one (`Lake.compact`).
-- At least a day: a younger file may belong to an uncommitted deposit, and its loss would be permanent.
call ducklake_merge_adjacent_files('lake');
call ducklake_cleanup_old_files('lake', older_than => now() - interval 1 day);
