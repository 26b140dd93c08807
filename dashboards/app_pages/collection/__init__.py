"""The page of a collection: its campaign, its progress, what waits for approval, and the forms of those who run it."""
