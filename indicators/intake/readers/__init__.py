"""Readers of the formats that people deposit."""
