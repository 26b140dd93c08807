"""Records of campaigns and of late exceptions: appended, never edited; the newest of a period and structure holds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import polars as pl

from indicators.definitions.campaigns import CampaignRecord, Campaigns
from indicators.definitions.periods import Period
from indicators.store.cursor import Cursor
from indicators.store.lake import Lake
from indicators.store.record_order import compact_sometimes, next_place

_TYPES: Final = {
    **dict.fromkeys(("opens", "due", "locks", "review"), pl.Date),
    **dict.fromkeys(("structure", "approved_by", "reason"), pl.String),
    "eyes": pl.Int32,
}
"""Types of the columns of which a record may have none."""


def read_campaign_records(cursor: Cursor) -> Sequence[CampaignRecord]:
    """Return every record, oldest first."""
    columns = ", ".join(CampaignRecord.__dataclass_fields__)
    sql = f"select {columns} from lake.campaigns where sequence > 0 order by sequence"  # noqa: S608 - our own columns
    return [_parse_record(dict(zip(CampaignRecord.__dataclass_fields__, row, strict=True))) for row in cursor.rows(sql)]


def campaigns_in_force(cursor: Cursor, declared: Campaigns) -> Campaigns:
    """Return the campaigns as the store declares them over those of the beginning."""
    return declared.with_records(read_campaign_records(cursor))


def newest_record(records: Sequence[CampaignRecord], period: Period, structure: str | None) -> CampaignRecord | None:
    """Return the record that holds for a period and a structure, or for all structures, if there is one."""
    return next((r for r in reversed(records) if (r.period, r.structure) == (period, structure)), None)


def store_campaign_record(lake: Lake, record: CampaignRecord, replaces: str | None) -> CampaignRecord | None:
    """Store a record at the next place and return it; an id already stored returns its first record.

    `replaces` is the id of the record that held when its author looked: `None`, and nothing is stored, if another one
    does by now.
    """
    found: list[CampaignRecord | None] = []

    def change(cursor: Cursor) -> None:
        records = read_campaign_records(cursor)
        existing = next((other for other in records if other.record == record.record), None)
        newest = newest_record(records, record.period, record.structure)
        if existing or (newest.record if newest else None) != replaces:
            found[:] = [existing]
            return
        placed = replace(record, sequence=next_place(cursor, record.recorded_at).sequence)
        row = {**vars(placed), "period": placed.period.code}
        cursor.append("campaigns", pl.DataFrame([row], schema_overrides=_TYPES))
        found[:] = [placed]

    lake.write(change)
    if found[0] is not None:
        compact_sometimes(lake, found[0].sequence)
    return found[0]


def _parse_record(row: dict[str, Any]) -> CampaignRecord:
    return CampaignRecord(**{**row, "period": Period.parse(row["period"])})
