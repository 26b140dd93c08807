"""Sign-in of members, by an identity provider (OpenID Connect) or by a link in a mail, and their sessions."""
