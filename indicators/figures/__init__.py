"""Figures: values from counts, aggregation over time, progress towards targets."""
