"""Where a table begins in a sheet, and its rows."""
