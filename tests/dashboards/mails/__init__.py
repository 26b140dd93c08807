"""Mails to members: who gets which, what it says, its sending to a real mail server, and how it is ended."""
