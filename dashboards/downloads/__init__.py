"""Files offered for download: annotated workbooks, spreadsheets, chart images."""
