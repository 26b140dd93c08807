"""`plan`: one row is a priority action of a structure's plan of a year, or a commitment followed by an indicator."""

from typing import Final

from schemas.columns import CellType, Column, Dataset, contract

PLAN_COLUMNS: Final = (
    Column("structure", "structure", "structure", CellType.STRUCTURE, non_empty=True),
    Column("year", "annee", "year", CellType.PERIOD, non_empty=True),
    Column("axis", "axe", "axis", CellType.TEXT, non_empty=True, shares_values=True),
    Column("commitment", "engagement", "commitment", CellType.TEXT, non_empty=True, max_chars=300, shares_values=True),
    # Reference of the action in the register; empty for a commitment that an indicator alone follows.
    Column("action", "action", "action", CellType.TEXT, required=False, max_chars=60),
    Column("indicator", "indicateur", "indicator", CellType.INDICATOR, required=False),
)

PLAN: Final = Dataset(
    "plan",
    PLAN_COLUMNS,
    ("structure", "year", "axis", "commitment", "action"),
    contract(PLAN_COLUMNS, {}, []),
    found_by=("structure", "year"),
)
