"""`membres`: one row is a role of a member on a perimeter, between two days."""

import re
from typing import Final
from unicodedata import normalize

import polars as pl

from schemas.columns import CellType, Column, Dataset, contract, frame_rule

ROLES: Final = {
    "depositor": "depositor",
    "director": "director",
    "delegate": "delegate",
    "quality": "quality",
    "administrator": "administrator",
}
"""Roles; what each may see and do is a table of the domain (`indicators.definitions.roles`)."""
ADMINISTRATOR: Final = "administrator"
NETWORK_CODE: Final = "reseau"
"""The perimeter of administrators: who may give roles may give any."""
MAX_ADDRESS_CHARS: Final = 254
"""Length of a mail address (RFC 5321, 4.5.3.1.3, without its brackets)."""
ADDRESS: Final = re.compile(r"[^@\s\x00-\x1f\x7f,;:<>()\[\]\\\"]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
"""A mail address as people have one: what comes before the sign is theirs, what comes after is a host."""
ENCODED_WORD: Final = "=?"
"""Beginning of an encoded word (RFC 2047, 2), which a mail program would read as another address."""


def normalize_address(text: str) -> str | None:
    """Return a mail address in lower case and without spaces around it; null if the text is none.

    Mail systems that tell upper from lower case before the sign are not in use (RFC 5321, 2.4, advises against it).
    """
    address = normalize("NFC", text.strip().lower())
    is_address = (
        len(address) <= MAX_ADDRESS_CHARS
        and ADDRESS.fullmatch(address)
        and address.isprintable()
        and not any(sign in address for sign in ("..", ENCODED_WORD))
    )
    return address if is_address else None


MEMBER_COLUMNS: Final = (
    Column(
        "address",
        "adresse",
        "address",
        CellType.MAIL,
        non_empty=True,
        synonyms=("courriel", "mail", "e-mail", "email"),
        max_chars=MAX_ADDRESS_CHARS,
    ),
    Column("role", "role", "role", CellType.WORD, non_empty=True, vocabulary=ROLES),
    Column("perimeter", "perimetre", "perimeter", CellType.PERIMETER, non_empty=True),
    Column("holds_from", "du", "from", CellType.DATE, required=False),
    Column("holds_until", "au", "until", CellType.DATE, required=False),
)

MEMBERS: Final = Dataset(
    "membres",
    MEMBER_COLUMNS,
    ("address", "role", "perimeter"),
    contract(
        MEMBER_COLUMNS,
        {},
        [
            frame_rule("X06", "holds_until", pl.col("holds_from") <= pl.col("holds_until")),
            frame_rule("I10", "perimeter", (pl.col("role") != ADMINISTRATOR) | (pl.col("perimeter") == NETWORK_CODE)),
        ],
    ),
    holder="perimeter",
    holds_people=True,
    by_network=True,
    in_store=False,
)
