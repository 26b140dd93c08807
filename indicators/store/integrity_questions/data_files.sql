-- One row is one data file or delete file of a table, with its recorded size in bytes.
select data_file, data_file_size_bytes from ducklake_list_files('lake', $table)
union all
select delete_file, delete_file_size_bytes from ducklake_list_files('lake', $table) where delete_file is not null
order by 1;
