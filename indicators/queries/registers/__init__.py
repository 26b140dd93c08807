"""Queries of the registers: internal, for those who see the management's part of the structures asked about."""
