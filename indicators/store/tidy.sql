-- Writes inlined rows to Parquet, merges small files and removes files that the catalogue no longer references; files
-- that it never referenced are checked one by one (`Lake.compact`).
-- At least a day: a younger file may belong to an uncommitted deposit, and its loss would be permanent.
call ducklake_flush_inlined_data('lake');
call ducklake_merge_adjacent_files('lake');
call ducklake_cleanup_old_files('lake', older_than => now() - interval 1 day);
