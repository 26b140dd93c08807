"""Structures compared."""
