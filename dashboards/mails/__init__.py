"""Mails to members: who gets which, what it says, and its sending."""
