"""Data contracts: one schema per dataset, identifier checks, codes of findings."""
