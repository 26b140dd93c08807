"""Queries for the figures of perimeters, over time and side by side."""
