"""Parsing of cells into typed values or findings, by column type."""
