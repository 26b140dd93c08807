"""What is read at start and needs no store: catalogue, periods, perimeters, campaigns, baselines, targets."""
