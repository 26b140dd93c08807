"""Rows and counts of the registers of structures, for those who may see them."""
