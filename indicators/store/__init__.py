"""The store: deposits appended to a DuckLake and never edited; the only package that uses DuckDB."""
