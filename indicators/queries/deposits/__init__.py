"""Deposits made, and figures expected."""
