"""`instances`: one row is one meeting of a body of a structure, planned for a day, held or missed."""

from typing import Final

from schemas.columns import CellType, Column, Dataset, contract

MEETING_COLUMNS: Final = (
    Column("structure", "structure", "structure", CellType.STRUCTURE, non_empty=True),
    Column("body", "instance", "body", CellType.TEXT, non_empty=True, max_chars=80, shares_values=True),
    Column("planned_on", "prevue_le", "planned_on", CellType.DATE, non_empty=True),
    # Empty for a meeting that is still to come, or that was missed.
    Column("held_on", "tenue_le", "held_on", CellType.DATE, required=False),
    # Roles of those present, with commas between them; never names.
    Column("present_roles", "presents", "present", CellType.TEXT, required=False, max_chars=300, names_groups=True),
    Column("decisions", "decisions", "decisions", CellType.TEXT, required=False, max_chars=1000),
    # References of the actions that its decisions became, with commas between them.
    Column("actions", "actions", "actions", CellType.TEXT, required=False, max_chars=300),
)

MEETINGS: Final = Dataset(
    "instances",
    MEETING_COLUMNS,
    ("structure", "body", "planned_on"),
    contract(MEETING_COLUMNS, {}, []),
    table="meetings",
    days=("held_on",),
    found_by=("structure", "body", "planned_on"),
)
