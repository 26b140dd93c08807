"""The fictitious network of data/demo: how it is made, and what is true of it."""
