-- Nothing of the past stays on disk: rows deleted from the catalogue and from files, versions that held them, their files.
-- Under the lock of writers: no file is being written. Whoever reads an older version meanwhile is told to read again.
call ducklake_flush_inlined_data('lake');
call ducklake_rewrite_data_files('lake', delete_threshold => 0);
call ducklake_expire_snapshots('lake', older_than => now());
call ducklake_cleanup_old_files('lake', cleanup_all => true);
