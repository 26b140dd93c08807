"""Tables in a sheet: find the header, match the columns, extract the data rows."""
