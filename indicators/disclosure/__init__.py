"""Disclosure control: what could reveal a person or a member is withheld here."""
