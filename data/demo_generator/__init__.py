"""The generator of the fictitious network of `data/demo`; nothing of the product imports it."""
