"""Texts put into SQL, and messages taken out of failures."""


def sql_literal(text: str) -> str:
    """Quote a text as an SQL literal, for ATTACH, which takes no bound value."""
    return "'" + text.replace("'", "''") + "'"


def first_line(failure: BaseException | str) -> str:
    """Return the first line of a failure message."""
    return str(failure).strip().splitlines()[0] if str(failure).strip() else type(failure).__name__
