"""What can be done to an action: each is the form of a row, with its own fields and the status that it leads to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.row_form import RowForm
from dashboards.wording.formatting import format_period
from indicators.definitions.periods import Period
from indicators.errors import UnknownError
from indicators.snapshot import Snapshot
from schemas.actions import ACTIONS, EFFECTIVENESS_PERCENTS, STATUSES_TO_DO

EVERY_FIELD: Final = tuple(column.name for column in ACTIONS.columns if column.name not in ACTIONS.key)
CHOICES: Final = {"effectiveness": tuple(str(percent) for percent in EFFECTIVENESS_PERCENTS)}
EMPTIED_BY_REOPENING: Final = {"done_on": "", "verified_on": "", "effectiveness": ""}
"""Reopening clears the days and the verdict: the action is to be done again."""


@dataclass(frozen=True)
class Gesture:
    """Something that is done to an action: the fields that it asks for, and what it sets by itself.

    `offered_to` are the statuses that it makes sense for; `emptied` the fields that begin empty.
    """

    fields: tuple[str, ...]
    fixed: Mapping[str, str]
    offered_to: frozenset[str]
    emptied: tuple[str, ...] = ()


_UNDONE: Final = frozenset(STATUSES_TO_DO)
_STOPPED: Final = frozenset({"done", "verified", "closed", "abandoned"})
_EVERY: Final = frozenset(ACTIONS.column("status").vocabulary.values())
GESTURES: Final[Mapping[str, Gesture]] = {
    "modifier": Gesture(EVERY_FIELD, {}, _EVERY),
    "clore": Gesture(
        ("done_on", "criterion", "verified_on", "effectiveness"),
        {"status": "closed"},
        _EVERY - {"closed", "abandoned"},
    ),
    "rouvrir": Gesture(("due_on", "owner_role", "reason"), {"status": "open", **EMPTIED_BY_REOPENING}, _STOPPED),
    "reporter": Gesture(
        ("due_on", "reason"), {"status": "carried_over"}, _UNDONE | {"accepted_deviation"}, ("due_on",)
    ),
    "ecart": Gesture(("reason", "accepted_until"), {"status": "accepted_deviation"}, _UNDONE),
}
"""By the word in the address; the first one is the whole form."""


def gesture_form(name: str, structure: str, reference: str) -> RowForm:
    """Return the form of a gesture on an action; an `UnknownError` for none that there is."""
    if name not in GESTURES:
        raise UnknownError("action", name)
    gesture = GESTURES[name]
    return RowForm(
        ACTIONS,
        f"{name} {structure} {reference}",
        structure,
        gesture.fields,
        gesture.fixed,
        dict.fromkeys(gesture.emptied, ""),
        CHOICES,
        f"actions.do.{name}" if name != "modifier" else "form.save",
    )


def new_action_form(context: PageContext, snapshot: Snapshot, structure: str) -> RowForm:
    """Return the form of a new action, begun with what led to it: the signal of an indicator in a period."""
    prefill = {
        "reference": next_reference(snapshot, structure, context.today.year),
        "kind": "corrective",
        "opened_on": context.today.strftime("%d/%m/%Y"),
        "status": "open",
    }
    indicator, code = context.params.get("indicateur"), context.params.get("periode")
    if indicator is not None:
        sheet = snapshot.catalogue[indicator]
        prefill |= {"indicator": sheet.id, "origin": "signal"}
        if code:
            facts = {"indicator": sheet.label(context.language), "period": format_period(Period.parse(code), context.t)}
            prefill["observation"] = context.t("actions.signal.observation", **facts)
    fields = ("reference", *(name for name in EVERY_FIELD if name not in FIELDS_OF_LATER))
    return RowForm(ACTIONS, f"new {structure} {indicator or ''} {code or ''}", structure, fields, {}, prefill, CHOICES)


FIELDS_OF_LATER: Final = ("done_on", "verified_on", "effectiveness", "reason", "accepted_until")
"""Fields that a new action does not have yet."""


def next_reference(snapshot: Snapshot, structure: str, year: int) -> str:
    """Return the next reference of the year as most registers write them: « FA-2026-012 ».

    What waits for approval has its reference already, and what was withdrawn keeps it.
    """
    known: Sequence[str] = snapshot.query("written_action_references", structure=structure)["reference"].to_list()
    pattern = re.compile(rf"FA-{year}-(\d{{1,6}})", re.ASCII)
    numbers = [int(match[1]) for reference in known if (match := pattern.fullmatch(reference))]
    return f"FA-{year}-{max(numbers, default=0) + 1:03d}"
