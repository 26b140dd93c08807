"""The page that compares structures."""
