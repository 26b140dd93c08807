"""What a reader takes away: the files that pages offer."""
