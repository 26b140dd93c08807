"""Readers of the accepted file formats: CSV, XLSX, ODS, Parquet."""
