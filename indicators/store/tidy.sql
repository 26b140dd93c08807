-- Inlined rows become Parquet, small files are merged, files that the catalogue does not refer to any more go; those
-- that it never referred to are looked at one by one (`Lake.tidy`).
-- Never less than a day: a younger file may be of a deposit that is not committed yet, and its loss would be for good.
call ducklake_flush_inlined_data('lake');
call ducklake_merge_adjacent_files('lake');
call ducklake_cleanup_old_files('lake', older_than => now() - interval 1 day);
