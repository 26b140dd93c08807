"""The store: deposits appended to a DuckLake, never edited; the only place that speaks to DuckDB."""
