"""Intake of deposited files: bytes → sheet → cells → contract → business rules → deposit, accepted or refused whole."""
