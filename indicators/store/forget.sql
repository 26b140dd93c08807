-- Removes the past from the disk, once inlined rows are in Parquet: rows deleted from files, older versions, their files.
-- Runs under the write lock: no file is being written. Readers of an older version get an error and must read again.
call ducklake_rewrite_data_files('lake', delete_threshold => 0);
call ducklake_expire_snapshots('lake', older_than => now());
call ducklake_cleanup_old_files('lake', cleanup_all => true);
