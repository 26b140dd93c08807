"""Definitions read at start, without a store: catalogue, periods, perimeters, campaigns, baselines, targets."""
