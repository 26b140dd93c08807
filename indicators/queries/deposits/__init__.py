"""What was deposited, and what is expected."""
