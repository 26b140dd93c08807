"""Figures: values, sums over time, progress towards targets."""
