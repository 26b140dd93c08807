"""For whom and for when one deposits, what campaign that is, and what has been delivered for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import streamlit as st

from dashboards.app_pages.page_context import Visit
from dashboards.components.html import details, heading, pictogram, text
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.definitions.campaigns import Campaign, Delivered, State, campaign, delivered
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Frequency, Period
from indicators.errors import UnknownError
from indicators.intake.rules import Collected
from indicators.network import Reading
from indicators.queries.deposits.freshness import freshness

QUARTERS: Final = 12
"""Quarters that can be chosen, back from the one collected now; more where figures have been missing for longer."""
SIGNS: Final = {
    State.FUTURE: "absent",
    State.OPEN: "met",
    State.LATE: "low",
    State.LOCKED: "withheld",
    State.APPROVED: "withheld",
}


@dataclass(frozen=True)
class Choice:
    """Who deposits and what is collected, as far as the depositor said."""

    structure: Structure | None
    period: Period | None

    @property
    def collected(self) -> Collected:
        """What the intake holds a file against."""
        return Collected(self.period, self.structure.id if self.structure else None)

    @property
    def code(self) -> tuple[str | None, str | None]:
        """The choice in plain words, to compare it with another."""
        return self.structure.id if self.structure else None, self.period.code if self.period else None


def choose(visit: Visit, reading: Reading) -> Choice:
    """Let the depositor say for whom and for when; what is left open is read from the file."""
    words, structures = visit.words, reading.structures
    periods = {period.code: period for period in _offered(reading, visit.today)}
    asked = visit.address.get("periode")
    if asked and asked not in periods:
        periods[asked] = Period.parse(asked)
    if (owner := visit.address.get("structure")) and owner not in structures.by_id:
        raise UnknownError("structure", owner)
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        structure = visit.choose(
            "structure", words("deposit.structure"), list(structures.by_id), lambda code: structures[code].name
        )
        period = visit.choose(
            "periode", words("deposit.period"), list(periods), lambda code: numbers.period(periods[code], words)
        )
    return Choice(structures[structure] if structure else None, periods.get(period or ""))


def _offered(reading: Reading, today: date) -> list[Period]:
    """Return the quarters that can be chosen, newest first: back to the last one of which there are figures."""
    newest, known = reading.campaigns.newest_opened(today), freshness(reading, today)
    overdue = known.overdue if known and known.newest.frequency is Frequency.QUARTER else ()
    quarters = set(newest.last(QUARTERS)).union(overdue)
    return sorted(quarters, reverse=True)


def collection(visit: Visit, reading: Reading, choice: Choice) -> str:
    """Return what campaign is open and until when and, of a structure, what it has and has not delivered."""
    period = choice.period or reading.campaigns.newest_opened(visit.today)
    structure = choice.structure.id if choice.structure else None
    found = campaign(reading, period, structure, visit.today)
    state = found.state(visit.today)
    line = f'<p class="campaign">{pictogram(SIGNS[state])} <span>{text(_told(found, state, visit.words))}</span></p>'
    if choice.structure is None or structure is None:
        return line
    due = reading.once(("delivered", structure, period.code), lambda: delivered(reading, structure, period))
    return line + _deliveries(reading, choice.structure, period, due, visit.words)


def _told(found: Campaign, state: State, words: Words) -> str:
    """Say in one sentence what may be deposited for a period, and until when."""
    days = {
        "opens": numbers.day(found.opens, words),
        "due": numbers.day(found.due, words),
        "locks": numbers.day(found.locks, words) if found.locks else "",
        "until": numbers.day(found.exception_until, words) if found.exception_until else "",
    }
    key = f"campaign.{state.value}"
    if found.exception_until and state in {State.OPEN, State.LATE}:
        key = "campaign.exception"
    of = words(f"campaign.of.{found.period.frequency}", period=numbers.period(found.period, words))
    return words(key, of=of, role=found.approved_by or "", **days)


def _deliveries(
    reading: Reading, structure: Structure, period: Period, due: Sequence[tuple[str, Delivered]], words: Words
) -> str:
    """Return what is still to be delivered, then, folded, what has been and what the registers give."""
    names: dict[Delivered, list[str]] = {status: [] for status in Delivered}
    for indicator, status in due:
        names[status].append(reading.catalogue[indicator].label(words.language))
    asked = len(names[Delivered.EXPECTED]) + len(names[Delivered.DELIVERED])
    title = words("due.title", structure=structure.name, period=numbers.period(period, words))
    told = words("due.told", count=asked, done=len(names[Delivered.DELIVERED])) if asked else words("due.nothing")
    html = f"{heading(2, title)}<p>{text(told)}</p>"
    if names[Delivered.EXPECTED]:
        html += f'<p class="label">{text(words("due.expected"))}</p>{_list(names[Delivered.EXPECTED])}'
    for status in (Delivered.DELIVERED, Delivered.DERIVED):
        if names[status]:
            html += details(words(f"due.{status.value}", count=len(names[status])), _list(names[status]))
    return f'<div class="due">{html}</div>'


def _list(names: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{text(name)}</li>' for name in names)}</ul>"
