"""`cibles`: one row is one target agreed for a perimeter and an indicator, from one period to another."""

from typing import Final

from schemas.columns import Cell, Column, Dataset, contract

ORIGINS: Final = {"nationale": "national", "convention": "agreement", "interne": "internal"}

COLUMNS: Final = (
    Column("perimeter", "perimetre", "perimeter", Cell.PERIMETER, filled=True),
    Column("indicator", "indicateur", "indicator", Cell.INDICATOR, filled=True),
    Column("starts", "debut", "starts", Cell.PERIOD, filled=True),
    Column("ends", "fin", "ends", Cell.PERIOD, required=False),
    Column("value", "valeur", "value", Cell.NUMBER, filled=True),
    Column("origin", "origine", "origin", Cell.WORD, filled=True, words=ORIGINS),
    Column("agreed_on", "convenue_le", "agreed_on", Cell.DATE, required=False),
)

TARGETS: Final = Dataset("cibles", COLUMNS, ("perimeter", "indicator", "starts"), contract(COLUMNS, {}, []))
