"""What everybody may know of the registers of a structure: counts of acts, and what the structure lets be read.

A count of acts is as public as the sheet that counts them. There is no sheet of requests: behind each stands somebody
who asked, so they are counted in public for whole years alone that are over (of the counts up to two quarters, the
difference would be one request), never fewer than `MIN_PUBLIC_REQUESTS` of them, and who asked is never named.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Frequency, Period
from indicators.disclosure import MIN_PEOPLE, is_read_whole
from indicators.snapshot import Snapshot
from schemas.actions import ACTIONS
from schemas.participation import PARTICIPATION
from schemas.requests import REQUESTS

REGISTERS: Final = (PARTICIPATION, REQUESTS, ACTIONS)
MIN_PUBLIC_REQUESTS: Final = MIN_PEOPLE
"""Requests below which none is counted in public: each may be of one person, so the rule of people holds."""
MAX_PUBLIC_TEXTS: Final = 3
"""Themes, requests and actions that are read in public, of each: a few, newest first."""
REQUEST_STEPS: Final = ("received", "answered", "reported", "adopted")
"""How far requests came, in the order in which it is decided what is public of them."""
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
    requests: Mapping[str, int]
    """Received in a year that is over, and how far they came by its end: steps that are public; empty if none is."""
    requests_year: int
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


def public_part(snapshot: Snapshot, structure: Structure, quarter: Period, today: date) -> PublicPart | None:
    """Return the public part of a structure's registers from the start of a year to the end of a quarter of it.

    Requests are those of the newest year that was over by the end of the quarter, and before today.
    """
    if not any(snapshot.may_hold(dataset) for dataset in REGISTERS):
        return None
    since, until = date(quarter.end.year, 1, 1), quarter.end
    year = Period.latest_ended(min(until, today - timedelta(days=1)), Frequency.YEAR).end
    # Of a small network, all boards are read at the same time: another structure is then looked up.
    wanted = None if is_read_whole(snapshot) else structure.id
    rows_by_structure = snapshot.cached_by_deposits(
        REGISTERS, ("public part", wanted, since, until, year), lambda: _read(snapshot, wanted, since, until, year)
    )
    rows = rows_by_structure.get(structure.id)
    return None if rows is None else _publish(snapshot, structure, rows, until, year)


def _read(
    snapshot: Snapshot, structure: str | None, since: date, until: date, year_end: date
) -> Mapping[str, RegisterRows]:
    """Read the registers of a structure, or of all of them, by structure."""
    rows = snapshot.query(
        "public_register_part",
        everyone=structure is None,
        structure=structure or "",
        since=since,
        until=until,
        year_start=date(year_end.year, 1, 1),
        year_end=year_end,
        few=MAX_PUBLIC_TEXTS,
    )
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    texts: dict[str, dict[str, list[PublicText]]] = defaultdict(lambda: defaultdict(list))
    for each, part, count, *text in rows.iter_rows():
        if count is not None:
            counts[each][part] = count
        else:
            texts[each][part].append(PublicText(*text))
    return {each: RegisterRows(counts[each], dict(texts[each])) for each in counts.keys() | texts.keys()}


def _publish(snapshot: Snapshot, structure: Structure, rows: RegisterRows, until: date, year_end: date) -> PublicPart:
    counts = rows.counts
    actions = counts.get("opened", 0), counts.get("closed", 0)
    return PublicPart(
        until,
        counts.get("occasions") if _is_public(snapshot, structure, SHEET_OF_OCCASIONS) else None,
        _public_steps(counts),
        year_end.year,
        actions if any(actions) and _is_public(snapshot, structure, SHEET_OF_ACTIONS) else None,
        *(rows.texts.get(name, []) for name in ("theme", "request", "action")),
    )


def _public_steps(counts: Mapping[str, int]) -> Mapping[str, int]:
    """Return the steps of requests that are public: neither one itself nor what another leaves of it is of a few."""
    public: dict[str, int] = {}
    if counts.get("received", 0) < MIN_PUBLIC_REQUESTS:
        return public
    for step in REQUEST_STEPS:
        count = counts.get(step, 0)
        if not any(0 < abs(count - other) < MIN_PUBLIC_REQUESTS for other in (0, *public.values())):
            public[step] = count
    return public


def _is_public(snapshot: Snapshot, structure: Structure, indicator: str) -> bool:
    """Whether a sheet counts these acts, for this structure, and for everybody."""
    sheet = snapshot.catalogue.indicators.get(indicator)
    return sheet is not None and sheet.audience is Audience.PUBLIC and sheet.applies_to(structure.kind)
