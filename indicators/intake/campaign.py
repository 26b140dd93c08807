"""Declaration of a campaign, or of a late exception of one structure: checked, then stored whole or not at all."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import polars as pl

from indicators.definitions.campaigns import MAX_EYES, CampaignRecord
from indicators.intake.rules.personal_data import holds_personal_data
from indicators.store.campaign_records import store_campaign_record
from indicators.store.lake import Lake
from schemas.columns import POLARS_TYPE
from schemas.datasets import find_violations
from schemas.reference_data import CAMPAIGNS


class CampaignProblem(StrEnum):
    """Why a campaign or an exception was not stored."""

    DUE_BEFORE_OPENING = "due_before_opening"
    LOCKED_BEFORE_DUE = "locked_before_due"
    OPENS_TOO_EARLY = "opens_too_early"
    """Before the period is over: its figures cannot be known."""
    REVIEW_BEFORE_DUE = "review_before_due"
    EYES = "eyes"
    REASON_MISSING = "reason_missing"
    PERSONAL_DATA = "personal_data"
    CHANGED = "changed"
    """Somebody else declared it anew since it was read."""


def declare(lake: Lake, record: CampaignRecord, replaces: str | None) -> CampaignRecord | Sequence[CampaignProblem]:
    """Check and store a record; `replaces` is the id of the one that held when its author looked."""
    if problems := find_problems(record):
        return problems
    stored = store_campaign_record(lake, record, replaces)
    return stored or [CampaignProblem.CHANGED]


def find_problems(record: CampaignRecord) -> Sequence[CampaignProblem]:
    """Return what is wrong with a record, by the contract of the file of campaigns and by what only the store has."""
    problems = [CampaignProblem(code) for code in _violated_rules(record)]
    is_exception = record.structure is not None
    if (record.opens or date.max) <= record.period.end:
        problems.append(CampaignProblem.OPENS_TOO_EARLY)
    if record.review is not None and record.review < record.due:
        problems.append(CampaignProblem.REVIEW_BEFORE_DUE)
    if record.eyes is not None and not 1 <= record.eyes <= MAX_EYES:
        problems.append(CampaignProblem.EYES)
    if is_exception and not (record.reason and record.reason.strip()):
        problems.append(CampaignProblem.REASON_MISSING)
    if any(text and holds_personal_data(text) for text in (record.reason, record.approved_by)):
        problems.append(CampaignProblem.PERSONAL_DATA)
    return problems


def _violated_rules(record: CampaignRecord) -> Sequence[str]:
    """Return the codes of the contract's rules that a record violates."""
    dataset = CAMPAIGNS.dataset
    opens = record.opens or (record.due if record.structure else record.campaign.opens)
    cells = {**vars(record), "period": record.period.code, "opens": opens}
    schema = {column.name: POLARS_TYPE.get(column.cell_type, pl.String()) for column in dataset.columns}
    row = pl.DataFrame([{name: cells[name] for name in schema}], schema)
    return sorted({violation.code for violation in find_violations(dataset, row)})
