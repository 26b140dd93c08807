"""Accounts of the members: addresses, roles, sessions, sign-in links and the journal of what they did.

They are kept beside the store, in a database from which a person can be erased; everywhere else a person is a
pseudonym.
"""
