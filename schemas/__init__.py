"""What a valid table is: one contract per dataset, the identifiers, the findings."""
