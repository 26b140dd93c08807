"""Reusable pieces of pages, as HTML."""
