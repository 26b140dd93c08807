"""Personal data do not come in (P01), and a text that seems to name somebody is asked about (P02).

The whole file is looked at, and not only what is read of it: its bytes would be kept, with the columns that are passed
over, the rows above the header and the other sheets. What is found is told by its place and its kind, never by its
value: what is said of a file outlives it.

Distinct texts of a column are looked at, coarsely all at once and then each that may hold something. Plain digits are
only told where they are what their column is made of: one number in a hundred has the right check digits by chance.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import polars as pl

from indicators.cached import cached_property
from indicators.intake.cells.dates import read_date
from indicators.intake.column_names import column_names, singular
from indicators.intake.readers.sheet import Sheet
from indicators.intake.report import SAMPLE, Place, Report
from indicators.intake.rules.names_of_persons import (
    BIRTH,
    MAIL,
    NAME,
    NAME_OF_OFFICE,
    NAMES_BESIDE,
    NUMBER,
    PHONE,
    is_a_name,
    kind_by_title,
    may_be_a_name,
    may_be_part_of_a_name,
    names_somebody,
)
from indicators.intake.rules.numbers_of_persons import (
    COARSE,
    Test,
    has_mail,
    is_announced_mail,
    is_announced_phone,
    is_announced_register_number,
    may_be_phone_number,
    phone_number,
    register_number,
)
from indicators.intake.tables.header import find_header
from indicators.intake.text_matching import column_letter
from schemas.columns import Cell, Column
from schemas.findings import Finding

LOOKED_AT: Final = 20_000
"""Different texts of a column, of those that may hold something, that are looked at one by one."""
LOOKED_AT_CHARS: Final = 4_000_000
"""Characters of a column, all those texts together, that are looked at one by one."""
TEXT_CHARS: Final = 10_000
"""First characters of a text that are looked at: no cell of ours may hold a tenth of them."""
HEADER_ROWS: Final = 60
"""First rows of a sheet among which titles are looked for where none of our headers is found."""
FEWEST_BYTES: Final = 6
"""Bytes of the shortest text that is looked at: `a@b.fr`."""
FEWEST: Final = 3
"""Different texts that make a column of names, or of dates of birth, by what it holds."""
SHARE: Final = 0.6
"""Of the filled cells of such a column that must be one."""
BIRTH_YEARS: Final = (14, 90)
"""Years ago that somebody of whom a file may speak was born."""

_HIDDEN_NAME: Final = "({})"
"""How a sheet is named by its place among the sheets where its own name may not be repeated."""
YEARS: Final = range(1900, 2100)
"""Of births."""
SHEET: Final = "sheet"
"""Cause where the name of a sheet holds personal data."""
_YEAR: Final = re.compile(r"\d{4}")
_DAY: Final = re.compile(r"(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-](?:\d{2}|\d{4})(?!\d)|(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


def tell_personal_data(sheets: Sequence[Sheet], report: Report, today: date) -> None:
    """Tell what seems to be personal data in any sheet of a file, unless it is of a dataset about persons."""
    for sheet, named in zip(sheets, named_without_personal_data(sheets), strict=True):
        own = replace(report, sheet=named.name)  # the same findings, of another sheet
        if named is not sheet:
            own.tell("P01", cause=SHEET)
        _Search(sheet, own, today).tell()


def holds_personal_data(text: str) -> bool:
    """Whether a text that is no cell, as a comment or a name, holds a number or an address that refuses a file."""
    parted = text[:TEXT_CHARS].replace("_", " ")
    return any(holds(parted) for holds in (has_mail, register_number(), phone_number()))


def named_without_personal_data(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return sheets, of which those whose names hold personal data are named by their places: names are repeated."""
    return [
        replace(sheet, name=_HIDDEN_NAME.format(place)) if sheet.name and holds_personal_data(sheet.name) else sheet
        for place, sheet in enumerate(sheets, 1)
    ]


def without_values(findings: Iterable[Finding]) -> list[Finding]:
    """Take the values out of what is said of a column in which there is personal data, or of its sheet as a whole.

    A title that holds them is left out wherever it stands; the letter of its column is kept.
    """
    found = list(findings)
    persons = [finding for finding in found if finding.code == "P01"]
    places = {place for finding in persons for place in ((finding.sheet, finding.column), (finding.sheet, None))}
    return [
        replace(finding, value=None, suggestion=None, header=_harmless(finding.header))
        if (finding.sheet, finding.column) in places
        else finding
        for finding in found
    ]


def _harmless(title: str | None) -> str | None:
    return None if title is None or holds_personal_data(title) else title


def _is_birth(text: str) -> bool:
    """Whether a cell of a column of births holds a day, or a year and nothing else."""
    if _YEAR.fullmatch(text):
        return int(text) in YEARS
    day = read_date(text)
    return (day is not None and day.year in YEARS) or _DAY.search(text) is not None


ANNOUNCED: Final[Mapping[str, Test]] = {
    NAME: may_be_part_of_a_name,
    NAME_OF_OFFICE: may_be_a_name,
    BIRTH: _is_birth,
    NUMBER: is_announced_register_number,
    PHONE: is_announced_phone,
    MAIL: is_announced_mail,
}
"""Whether a cell holds what the title of its column announces."""
MOSTLY: Final = frozenset({NAME_OF_OFFICE})
"""Kinds of which most cells of a column must be: anything with a capital may be one."""


def _without_chance(texts: Sequence[str], holds: Test) -> list[str]:
    """Return the texts that hold something; plain digits only where most of those of the column do."""
    found = [text for text in texts if holds(text[:TEXT_CHARS])]
    plain = [text for text in found if text.strip().isdigit()]
    if plain and len(plain) < SHARE * sum(text.strip().isdigit() for text in texts):
        return [text for text in found if not text.strip().isdigit()]
    return found


class _Search:
    """One sheet looked through."""

    def __init__(self, sheet: Sheet, report: Report, today: date) -> None:
        self.sheet, self.report, self.today = sheet, report, today
        header = find_header(sheet)
        self.dataset = header.dataset if header else None
        self.first = header.line + 1 if header else 0
        self.titles: list[str] = list(header.texts) if header else []
        self.columns: Mapping[int, Column] = {}
        if header:
            known = column_names(header.dataset.name)
            matched = {place: known.get(singular(text)) for place, text in enumerate(self.titles)}
            self.columns = {place: column for place, column in matched.items() if column is not None}

    def tell(self) -> None:
        """Tell each column once for each kind of what it holds."""
        if self.dataset is not None and self.dataset.holds_people:
            return
        told = self._tell_by_titles()
        for place, texts in self._candidates(COARSE).items():
            self._tell_numbers(place, texts, told.get(place))
        for place, texts in self._candidates(r"\p{Lu}\w").items():
            if place not in told and self._may_name(place):
                self._tell_names(place, texts)
        for place in range(self.sheet.cells.width):
            if place not in told and place not in self.columns:
                self._tell_births(place)

    def _is_free(self, place: int) -> bool:
        """Whether a column holds free text, of ours or unknown: any other holds figures, or names things by codes."""
        column = self.columns.get(place)
        if column is None or self.dataset is None:
            return True
        return column.cell is Cell.TEXT and column.name not in self.dataset.key

    def _may_name(self, place: int) -> bool:
        """Whether a column may name a person."""
        column = self.columns.get(place)
        return self._is_free(place) and not (column and column.names_organisations)

    @cached_property
    def _distinct(self) -> Mapping[int, pl.Series]:
        """The different texts of each column that are long enough to hold anything: few, in most columns."""
        column = pl.all()
        long = column.filter(column.str.len_bytes() >= FEWEST_BYTES).unique().implode()
        found = self.sheet.cells.lazy().select(long).collect()
        return {int(name): found[name].explode().drop_nulls() for name in found.columns}

    def _candidates(self, pattern: str) -> dict[int, list[str]]:
        """Return, by column, the different texts that match a pattern, as many as are looked at."""
        found: dict[int, list[str]] = {}
        for place, texts in self._distinct.items():
            matched = texts.filter(texts.str.contains(pattern)).head(LOOKED_AT)
            if len(matched):
                looked_at = matched.str.len_bytes().clip(0, TEXT_CHARS).cum_sum() <= LOOKED_AT_CHARS
                found[place] = matched.filter(looked_at).to_list()
        return found

    def _tell_by_titles(self) -> dict[int, str]:
        """Tell the columns that hold what their titles announce; return them, with the kind of what they hold."""
        kinds: dict[int, tuple[int, str]] = {}
        above = self.sheet.cells.head(HEADER_ROWS).iter_rows()
        rows: Iterable[Sequence[str | None]] = [self.titles] if self.dataset else above
        for line, row in enumerate(rows):
            titles = {place: singular(text) for place, text in enumerate(row) if text and place not in self.columns}
            named = {place: kind for place, title in titles.items() if (kind := kind_by_title(title))}
            if NAME in named.values():
                named |= {place: NAME for place, title in titles.items() if title in NAMES_BESIDE}
            start = self.first if self.dataset else line + 1
            for place, kind in named.items():
                kinds.setdefault(place, (start, kind))
        return {
            place: kind
            for place, (start, announced) in sorted(kinds.items())
            if (kind := self._tell_announced(place, start, announced))
        }

    def _tell_announced(self, place: int, start: int, announced: str) -> str | None:
        """Tell the cells of a column that hold what its title announces; return its kind if some do."""
        kind = NAME if announced == NAME_OF_OFFICE else announced
        cells = self.sheet.cells[str(place)].slice(start)
        holds = ANNOUNCED[announced]
        texts = cells.drop_nulls().unique(maintain_order=True).head(LOOKED_AT)
        held = cells.is_in([text for text in texts if holds(text[:TEXT_CHARS].strip())]).fill_null(value=False)
        lines = held.arg_true()
        # Counts of births may look like years, and what stands below a table like a name.
        if not len(lines) or (announced in MOSTLY and len(lines) < SHARE * (len(cells) - cells.null_count())):
            return None
        first = int(self.sheet.rows[start + int(lines[0])])
        self.report.tell("P01", row=first, at=self._place(place), count=len(lines), cause=kind)
        return kind

    def _tell_numbers(self, place: int, texts: Sequence[str], told: str | None) -> None:
        parted = not self._is_free(place)
        for kind, holds in ((MAIL, has_mail), (NUMBER, register_number(parted=parted))):
            if kind != told:
                self._tell("P01", place, _without_chance(texts, holds), kind)
        if told == PHONE:
            return
        sure, doubtful = phone_number(parted=parted), may_be_phone_number(parted=parted)
        found = _without_chance(texts, lambda text: sure(text) or doubtful(text))
        # Where no title speaks of telephones, references have ten digits as well.
        known = place in self.columns
        refused = [text for text in found if sure(text[:TEXT_CHARS]) and (known or not text.strip().isdigit())]
        self._tell("P01", place, refused, PHONE)
        self._tell("P02", place, sorted(set(found) - set(refused)), PHONE)

    def _tell_names(self, place: int, texts: Sequence[str]) -> None:
        """Ask about the texts that seem to name somebody, and about all names of a column that is made of them."""
        asked = {text for text in texts if names_somebody(text[:TEXT_CHARS])}
        whole = [text for text in texts if is_a_name(text[:TEXT_CHARS])]
        if len(whole) >= FEWEST:
            cells = self.sheet.cells[str(place)].slice(self.first)
            if cells.is_in(whole).sum() >= SHARE * (len(cells) - cells.null_count()):
                asked.update(whole)
        self._tell("P02", place, sorted(asked), None)

    def _tell_births(self, place: int) -> None:
        """Ask about a column that is none of ours and holds days on which people of working age were born."""
        cells = self.sheet.cells[str(place)].slice(self.first)
        texts = cells.filter(
            cells.str.contains(r"^\s*(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{2}-\d{2})\s*$")
        ).drop_nulls()
        filled = len(cells) - cells.null_count()
        if not filled or len(texts) < SHARE * filled:
            return
        days = {text: read_date(text.strip()) for text in texts.unique(maintain_order=True).head(LOOKED_AT)}
        late, early = (self.today.year - years for years in BIRTH_YEARS)
        births = [text for text, day in days.items() if day and early <= day.year <= late]
        if len(births) >= FEWEST and len(births) >= 0.9 * len(days):
            self._tell("P02", place, births, BIRTH)

    def _tell(self, code: str, place: int, texts: Sequence[str], cause: str | None) -> None:
        """Tell the cells of a column that hold some texts."""
        if not texts:
            return
        lines = self.sheet.cells[str(place)].is_in(list(texts)).arg_true()
        for line in lines.head(SAMPLE):
            row = int(self.sheet.rows[line])
            # Named by its cause where there are several: a sentence and a count for each.
            values: dict[str, Any] = {"cause": cause} if cause else {}
            self.report.tell(code, row=row, at=self._place(place), count=len(lines), **values)

    def _place(self, place: int) -> Place:
        return Place(column_letter(place), self.titles[place].strip() if place < len(self.titles) else "")
