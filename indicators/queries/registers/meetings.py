"""The bodies of structures in a year and their meetings: what was due, held, missed and decided, what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from indicators.snapshot import Snapshot, per_version
from schemas.meetings import MEETINGS

NAME_SEPARATOR: Final = ","
"""Between the roles present at a meeting, and between the references of its actions."""


class MeetingState(StrEnum):
    """What is known of a meeting."""

    HELD = "held"
    MISSED = "missed"
    UNREPORTED = "unreported"
    """Its day is past, and the register was not yet deposited for it."""
    PLANNED = "planned"


@dataclass(frozen=True)
class BodyOfYear:
    """A body of a structure in a year."""

    structure: str
    body: str
    recurrences: tuple[str, ...]
    """Those that it had in the year, oldest first."""
    since: tuple[date, ...]
    """From which day each of them."""
    roles: str | None
    owed: int
    """Meetings due in the whole year."""
    owed_by_now: int
    """Those due in the quarters that are over."""
    met: int
    """Meetings held in the year, extra ones too."""
    missed: tuple[date, ...]
    """Days planned, and covered by the register, on which it did not meet."""
    next_planned: date | None
    next_due: date | None
    """The last day of the next part of the year in which it owes a meeting."""

    @property
    def held(self) -> int:
        """Meetings held of those due in the quarters that are over: extra ones do not count."""
        return min(self.met, self.owed_by_now)

    @property
    def to_plan_by(self) -> date | None:
        """The day by which a meeting should be planned, if none is planned until then."""
        if self.next_due is None or (self.next_planned is not None and self.next_planned <= self.next_due):
            return None
        return self.next_due


@dataclass(frozen=True)
class RegisteredMeeting:
    """A meeting as its register has it."""

    structure: str
    body: str
    planned_on: date
    held_on: date | None
    present_roles: str | None
    decisions: str | None
    actions: tuple[str, ...]
    state: MeetingState


@dataclass(frozen=True)
class MeetingsPage:
    """One page of the meetings of a year, newest first, and how many there are in all."""

    meetings: Sequence[RegisteredMeeting]
    total: int


@per_version
def meeting_years(snapshot: Snapshot, structures: Sequence[str], today: date) -> Sequence[int]:
    """Return the years in which some structures have bodies or meetings, newest first."""
    return snapshot.query("meeting_years", structures=list(structures), today=today)["year"].to_list()


@per_version
def _coverage(snapshot: Snapshot) -> Mapping[str, Sequence[object]]:
    """Return the structures that keep a register of meetings, and the last day that each covers: bound to queries.

    Reading the files of all registers takes longer than all the rest.
    """
    if not snapshot.may_hold(MEETINGS):
        return {"keepers": [], "covered_until": []}
    rows = snapshot.query("covered_meetings")
    return {"keepers": rows["structure"].to_list(), "covered_until": rows["covered_until"].to_list()}


@per_version
def find_bodies(snapshot: Snapshot, structures: Sequence[str], year: int, today: date) -> Sequence[BodyOfYear]:
    """Return the bodies of some structures in a year, by structure and name."""
    days = {"year": year, "today": today, **_coverage(snapshot)}
    rows = snapshot.query("bodies_of_year", structures=list(structures), **days)
    return [
        BodyOfYear(
            structure=row["structure"],
            body=row["body"],
            recurrences=tuple(row["recurrences"]),
            since=tuple(row["since"]),
            roles=row["roles"],
            owed=row["owed"],
            owed_by_now=row["owed_by_now"],
            met=row["held"],
            missed=tuple(row["missed"]),
            next_planned=row["next_planned"],
            next_due=row["next_due"],
        )
        for row in rows.iter_rows(named=True)
    ]


@per_version
def find_meetings(
    snapshot: Snapshot, structures: Sequence[str], year: int, today: date, first: int, rows: int
) -> MeetingsPage:
    """Return one page of the meetings of some structures in a year."""
    days = {"year": year, "today": today, **_coverage(snapshot)}
    found = snapshot.query("meetings", structures=list(structures), first=first, rows=rows, **days)
    if found.is_empty():
        return MeetingsPage((), 0)
    meetings = [
        RegisteredMeeting(
            **{
                **{name: value for name, value in row.items() if name != "total"},
                "actions": split_names(row["actions"]),
                "state": MeetingState(row["state"]),
            }
        )
        for row in found.iter_rows(named=True)
    ]
    return MeetingsPage(meetings, found["total"][0])


@per_version
def planned_meetings(snapshot: Snapshot, structure: str, today: date) -> Sequence[tuple[str, date]]:
    """Return the body and the day of each meeting of a structure that is planned from today on, soonest first."""
    return list(snapshot.query("planned_meetings", structure=structure, today=today).iter_rows())


def split_names(text: str | None) -> tuple[str, ...]:
    """Return the names of a list in one cell."""
    return tuple(name.strip() for name in (text or "").split(NAME_SEPARATOR) if name.strip())
