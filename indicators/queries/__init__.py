"""Questions put to the store."""
