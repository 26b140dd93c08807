"""The page of the whole network."""
