"""Comparisons between structures."""
