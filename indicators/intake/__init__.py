"""The one way in: bytes → sheet → cells → contract → business rules → a deposit, accepted or refused whole."""
