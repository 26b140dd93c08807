"""Queries on snapshots of the store."""
