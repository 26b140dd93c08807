"""Pieces of a page, as markup."""
