"""What everybody may know of the registers of a structure: counts of acts, and what the structure lets be read.

A count of acts is as public as the sheet that counts them. There is no sheet of requests: behind each stands somebody
who asked, so fewer than `MIN_PUBLIC_REQUESTS` of them are not counted in public, and who asked is never named.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Period
from indicators.disclosure import MIN_PEOPLE, is_read_whole
from indicators.snapshot import Snapshot
from schemas.actions import ACTIONS
from schemas.participation import PARTICIPATION
from schemas.requests import REQUESTS

REGISTERS: Final = (PARTICIPATION, REQUESTS, ACTIONS)
MIN_PUBLIC_REQUESTS: Final = MIN_PEOPLE
"""Requests of a year below which none is counted in public: each may be of one person, so the rule of people holds."""
MAX_PUBLIC_TEXTS: Final = 3
"""Themes, requests and actions that are read in public, of each: a few, newest first."""
REQUEST_STEPS: Final = ("received", "answered", "reported", "adopted")
SHEET_OF_OCCASIONS: Final = "psve_actions"
SHEET_OF_ACTIONS: Final = "corrective_preventive_actions_total"


@dataclass(frozen=True)
class PublicText:
    """A theme, a request or an action that a structure lets be read, with its answer and what became of it."""

    day: date
    text: str
    answer: str | None
    state: str | None


@dataclass(frozen=True)
class PublicPart:
    """The public part of a structure's registers in a year, up to a day; a count that is not public is null."""

    until: date
    occasions: int | None
    requests: tuple[int, ...] | None
    """Received, and of these answered, reported back and adopted."""
    actions: tuple[int, int] | None
    """Corrective and preventive actions opened, and closed."""
    themes: Sequence[PublicText]
    answers: Sequence[PublicText]
    improvements: Sequence[PublicText]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.occasions or self.requests or self.actions or self.themes or self.answers or self.improvements)


@dataclass(frozen=True)
class RegisterRows:
    """What the registers of a structure hold between two days: counts by what is counted, and texts."""

    counts: Mapping[str, int]
    texts: Mapping[str, Sequence[PublicText]]


def public_part(snapshot: Snapshot, structure: Structure, quarter: Period) -> PublicPart | None:
    """Return the public part of a structure's registers from the start of a year to the end of a quarter of it."""
    if not any(snapshot.may_hold(dataset) for dataset in REGISTERS):
        return None
    since, until = date(quarter.end.year, 1, 1), quarter.end
    # Of a small network, all boards are read at the same time: another structure is then looked up.
    wanted = None if is_read_whole(snapshot) else structure.id
    rows_by_structure = snapshot.cached_by_deposits(
        REGISTERS, ("public part", wanted, since, until), lambda: _read(snapshot, wanted, since, until)
    )
    rows = rows_by_structure.get(structure.id)
    return None if rows is None else _publish(snapshot, structure, rows, until)


def _read(snapshot: Snapshot, structure: str | None, since: date, until: date) -> Mapping[str, RegisterRows]:
    """Read the registers of a structure, or of all of them, by structure."""
    rows = snapshot.query(
        "public_register_part",
        everyone=structure is None,
        structure=structure or "",
        since=since,
        until=until,
        few=MAX_PUBLIC_TEXTS,
    )
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    texts: dict[str, dict[str, list[PublicText]]] = defaultdict(lambda: defaultdict(list))
    for each, part, count, *text in rows.iter_rows():
        if count is not None:
            counts[each][part] = count
        else:
            texts[each][part].append(PublicText(*text))
    return {each: RegisterRows(counts[each], dict(texts[each])) for each in counts}


def _publish(snapshot: Snapshot, structure: Structure, rows: RegisterRows, until: date) -> PublicPart:
    counts = rows.counts
    requests = tuple(counts.get(name, 0) for name in REQUEST_STEPS)
    actions = counts.get("opened", 0), counts.get("closed", 0)
    return PublicPart(
        until,
        counts.get("occasions") if _is_public(snapshot, structure, SHEET_OF_OCCASIONS) else None,
        requests if requests[0] >= MIN_PUBLIC_REQUESTS else None,
        actions if any(actions) and _is_public(snapshot, structure, SHEET_OF_ACTIONS) else None,
        *(rows.texts.get(name, []) for name in ("theme", "request", "action")),
    )


def _is_public(snapshot: Snapshot, structure: Structure, indicator: str) -> bool:
    """Whether a sheet counts these acts, for this structure, and for everybody."""
    sheet = snapshot.catalogue.indicators.get(indicator)
    return sheet is not None and sheet.audience is Audience.PUBLIC and sheet.applies_to(structure.kind)
