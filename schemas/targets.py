"""`cibles`: one row is one target agreed for a perimeter and an indicator, from one period to another."""

from typing import Final

from schemas.columns import CellType, Column, Dataset, contract

TARGET_ORIGINS: Final = {"nationale": "national", "convention": "agreement", "interne": "internal"}

TARGET_COLUMNS: Final = (
    Column("perimeter", "perimetre", "perimeter", CellType.PERIMETER, non_empty=True),
    Column("indicator", "indicateur", "indicator", CellType.INDICATOR, non_empty=True),
    Column("starts", "debut", "starts", CellType.PERIOD, non_empty=True),
    Column("ends", "fin", "ends", CellType.PERIOD, required=False),
    Column("value", "valeur", "value", CellType.NUMBER, non_empty=True),
    Column("origin", "origine", "origin", CellType.WORD, non_empty=True, vocabulary=TARGET_ORIGINS),
    Column("agreed_on", "convenue_le", "agreed_on", CellType.DATE, required=False),
)

TARGETS: Final = Dataset(
    "cibles",
    TARGET_COLUMNS,
    ("perimeter", "indicator", "starts"),
    contract(TARGET_COLUMNS, {}, []),
    table="targets",
    holder="perimeter",
    found_by=("perimeter", "indicator"),
    by_network=True,
)
