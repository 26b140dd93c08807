"""Places of a store: its catalogue and its data files, and what is there before it is opened."""
