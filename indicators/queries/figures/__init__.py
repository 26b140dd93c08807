"""Figures of perimeters, over time and side by side."""
