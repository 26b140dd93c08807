-- Inlined rows become Parquet, small files are merged, files that nothing refers to any more go.
-- Never less than a day: a younger file may be of a deposit that is not committed yet, and its loss would be for good.
call ducklake_flush_inlined_data('lake');
call ducklake_merge_adjacent_files('lake');
call ducklake_cleanup_old_files('lake', older_than => now() - interval 1 day);
call ducklake_delete_orphaned_files('lake', older_than => now() - interval 1 day);
