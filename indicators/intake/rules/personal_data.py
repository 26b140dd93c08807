"""Rules on personal data: a file with some is refused (P01), a text that seems to name a person is confirmed (P02).

The whole file is searched, not only its data rows: its bytes would be kept, with ignored columns, rows above the
header and other sheets. Findings have the location and kind of the data, never its value: they outlive the file.

The distinct texts of a column are filtered in bulk, then checked one by one. Plain digits are reported only where they
are most of their column: one number in a hundred has the right check digits by chance.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import polars as pl

from indicators.cached import cached_property
from indicators.intake.cells.dates import parse_date
from indicators.intake.column_names import column_names, normalize_header
from indicators.intake.readers.sheet import Sheet
from indicators.intake.report import SAMPLE_SIZE, Report, SheetColumn
from indicators.intake.rules.names_of_persons import (
    BIRTH,
    MAIL,
    NAME,
    NAME_OF_OFFICE,
    PHONE,
    REGISTER_NUMBER,
    SHARED_NAME_TITLES,
    is_a_name,
    kind_by_title,
    may_be_a_name,
    may_be_part_of_a_name,
    names_a_person,
    names_a_person_among_roles,
)
from indicators.intake.rules.numbers_of_persons import (
    COARSE_PATTERN,
    TextTest,
    has_mail,
    is_announced_mail,
    is_announced_phone,
    is_announced_register_number,
    phone_number_test,
    possible_phone_number_test,
    register_number_test,
)
from indicators.intake.tables.header import find_header
from indicators.intake.text_matching import column_letter
from schemas.columns import CellType, Column
from schemas.findings import Finding

MAX_CHECKED_TEXTS: Final = 20_000
"""Most distinct texts of a column that are checked one by one."""
MAX_CHECKED_CHARS: Final = 4_000_000
"""Most characters of a column's texts that are checked one by one."""
CHECKED_TEXT_CHARS: Final = 10_000
"""First characters of a text that are checked: no valid cell has a tenth of them."""
TITLE_SEARCH_ROWS: Final = 60
"""First rows of a sheet that are searched for titles where no dataset header is found."""
MIN_TEXT_BYTES: Final = 6
"""Bytes of the shortest text that is checked: `a@b.fr`."""
MIN_COLUMN_TEXTS: Final = 3
"""Fewest distinct texts by which a column is one of names or of dates of birth."""
MIN_COLUMN_SHARE: Final = 0.6
"""Least share of the filled cells of such a column that must match."""
BIRTH_AGE_YEARS: Final = (14, 90)
"""Ages of persons of whom a file may hold dates of birth, in years."""

_HIDDEN_NAME: Final = "({})"
"""Name of a sheet by its position, where its own name holds personal data."""
PLAUSIBLE_BIRTH_YEARS: Final = range(1900, 2100)
"""Years accepted as years of birth."""
SHEET_NAME_CAUSE: Final = "sheet"
"""Cause where the name of a sheet holds personal data."""
_YEAR: Final = re.compile(r"\d{4}")
_DAY: Final = re.compile(r"(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-](?:\d{2}|\d{4})(?!\d)|(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


def report_personal_data(sheets: Sequence[Sheet], report: Report, today: date) -> None:
    """Report what seems to be personal data in any sheet of a file, unless its dataset is about persons."""
    for sheet, masked in zip(sheets, mask_sheet_names(sheets), strict=True):
        sheet_report = replace(report, sheet=masked.name)  # shares its list of findings
        if masked is not sheet:
            sheet_report.add("P01", cause=SHEET_NAME_CAUSE)
        _SheetSearch(sheet, sheet_report, today).report_all()


def holds_personal_data(text: str) -> bool:
    """Whether a comment or a name holds a register number, a telephone number or a mail address."""
    separated = text[:CHECKED_TEXT_CHARS].replace("_", " ")
    return any(matches(separated) for matches in (has_mail, register_number_test(), phone_number_test()))


def mask_sheet_names(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the sheets, with names that hold personal data replaced by their positions: findings repeat names."""
    return [
        replace(sheet, name=_HIDDEN_NAME.format(place)) if sheet.name and holds_personal_data(sheet.name) else sheet
        for place, sheet in enumerate(sheets, 1)
    ]


def mask_values(findings: Iterable[Finding]) -> list[Finding]:
    """Remove the values from findings on a column with personal data (P01), or on its sheet as a whole.

    A title that holds personal data is removed too; the letter of its column is kept.
    """
    all_findings = list(findings)
    personal_findings = [finding for finding in all_findings if finding.code == "P01"]
    personal_columns = {
        column for finding in personal_findings for column in ((finding.sheet, finding.column), (finding.sheet, None))
    }
    return [
        replace(finding, value=None, suggestion=None, header=_mask_title(finding.header))
        if (finding.sheet, finding.column) in personal_columns
        else finding
        for finding in all_findings
    ]


def _mask_title(title: str | None) -> str | None:
    return None if title is None or holds_personal_data(title) else title


def _is_birth_date(text: str) -> bool:
    """Whether a cell of a column of births holds a date, or a year only."""
    if _YEAR.fullmatch(text):
        return int(text) in PLAUSIBLE_BIRTH_YEARS
    day = parse_date(text)
    return (day is not None and day.year in PLAUSIBLE_BIRTH_YEARS) or _DAY.search(text) is not None


TEST_BY_KIND: Final[Mapping[str, TextTest]] = {
    NAME: may_be_part_of_a_name,
    NAME_OF_OFFICE: may_be_a_name,
    BIRTH: _is_birth_date,
    REGISTER_NUMBER: is_announced_register_number,
    PHONE: is_announced_phone,
    MAIL: is_announced_mail,
}
"""Test of a cell by the kind of data that the title of its column announces."""
MAJORITY_KINDS: Final = frozenset({NAME_OF_OFFICE})
"""Kinds that most cells of a column must match: any capitalised text may match one."""


def _drop_chance_matches(texts: Sequence[str], matches: TextTest) -> list[str]:
    """Return the texts that match; plain digits only where most plain digits of the column do."""
    matching = [text for text in texts if matches(text[:CHECKED_TEXT_CHARS])]
    digits_only = [text for text in matching if text.strip().isdigit()]
    if digits_only and len(digits_only) < MIN_COLUMN_SHARE * sum(text.strip().isdigit() for text in texts):
        return [text for text in matching if not text.strip().isdigit()]
    return matching


class _SheetSearch:
    """Search of one sheet for personal data."""

    def __init__(self, sheet: Sheet, report: Report, today: date) -> None:
        self.sheet, self.report, self.today = sheet, report, today
        header = find_header(sheet)
        self.dataset = header.dataset if header else None
        self.first_line = header.line + 1 if header else 0
        self.titles: list[str] = list(header.texts) if header else []
        self.columns: Mapping[int, Column] = {}
        if header:
            columns_by_name = column_names(header.dataset.name)
            matched = {place: columns_by_name.get(normalize_header(text)) for place, text in enumerate(self.titles)}
            self.columns = {place: column for place, column in matched.items() if column is not None}

    def report_all(self) -> None:
        """Report each column once for each kind of personal data in it."""
        if self.dataset is not None and self.dataset.holds_people:
            return
        kind_by_place = self._report_by_titles()
        for place, texts in self._candidates(COARSE_PATTERN).items():
            self._report_numbers(place, texts, kind_by_place.get(place))
        for place, texts in self._candidates(r"\p{Lu}\w").items():
            if place not in kind_by_place and self._may_name(place):
                self._report_names(place, texts)
        for place in range(self.sheet.cells.width):
            if place not in kind_by_place and place not in self.columns:
                self._report_births(place)

    def _is_free(self, place: int) -> bool:
        """Whether a column may hold free text: an unknown column, or a text column that is no key."""
        column = self.columns.get(place)
        if column is None or self.dataset is None:
            return True
        return column.cell_type is CellType.TEXT and column.name not in self.dataset.key

    def _may_name(self, place: int) -> bool:
        """Whether a column may hold names of persons."""
        column = self.columns.get(place)
        return self._is_free(place) and not (column and column.names_organisations)

    @cached_property
    def _distinct(self) -> Mapping[int, pl.Series]:
        """The distinct texts of each column that are long enough to match: few, in most columns."""
        column = pl.all()
        long_texts = column.filter(column.str.len_bytes() >= MIN_TEXT_BYTES).unique().implode()
        distinct_texts = self.sheet.cells.lazy().select(long_texts).collect()
        return {int(name): distinct_texts[name].explode().drop_nulls() for name in distinct_texts.columns}

    def _candidates(self, pattern: str) -> dict[int, list[str]]:
        """Return, by column, the distinct texts that match a pattern, up to the limits of checking."""
        candidates: dict[int, list[str]] = {}
        for place, texts in self._distinct.items():
            matched = texts.filter(texts.str.contains(pattern)).head(MAX_CHECKED_TEXTS)
            if len(matched):
                is_checked = matched.str.len_bytes().clip(0, CHECKED_TEXT_CHARS).cum_sum() <= MAX_CHECKED_CHARS
                candidates[place] = matched.filter(is_checked).to_list()
        return candidates

    def _report_by_titles(self) -> dict[int, str]:
        """Report the columns that hold the personal data their titles announce; return their kinds by place."""
        kinds: dict[int, tuple[int, str]] = {}
        first_rows = self.sheet.cells.head(TITLE_SEARCH_ROWS).iter_rows()
        rows: Iterable[Sequence[str | None]] = [self.titles] if self.dataset else first_rows
        for line, row in enumerate(rows):
            titles = {
                place: normalize_header(text) for place, text in enumerate(row) if text and place not in self.columns
            }
            announced_kinds = {place: kind for place, title in titles.items() if (kind := kind_by_title(title))}
            if NAME in announced_kinds.values():
                announced_kinds |= {place: NAME for place, title in titles.items() if title in SHARED_NAME_TITLES}
            start = self.first_line if self.dataset else line + 1
            for place, kind in announced_kinds.items():
                kinds.setdefault(place, (start, kind))
        return {
            place: kind
            for place, (start, announced) in sorted(kinds.items())
            if (kind := self._report_announced(place, start, announced))
        }

    def _report_announced(self, place: int, start: int, announced: str) -> str | None:
        """Report the cells of a column that hold what its title announces; return the kind if some do."""
        kind = NAME if announced == NAME_OF_OFFICE else announced
        cells = self.sheet.cells[str(place)].slice(start)
        matches = TEST_BY_KIND[announced]
        texts = cells.drop_nulls().unique(maintain_order=True).head(MAX_CHECKED_TEXTS)
        is_match = cells.is_in([text for text in texts if matches(text[:CHECKED_TEXT_CHARS].strip())]).fill_null(
            value=False
        )
        lines = is_match.arg_true()
        # Counts of births may look like years, and a note below a table like a name.
        if not len(lines) or (
            announced in MAJORITY_KINDS and len(lines) < MIN_COLUMN_SHARE * (len(cells) - cells.null_count())
        ):
            return None
        first = int(self.sheet.rows[start + int(lines[0])])
        self.report.add("P01", row=first, at=self._sheet_column(place), count=len(lines), cause=kind)
        return kind

    def _report_numbers(self, place: int, texts: Sequence[str], reported_kind: str | None) -> None:
        grouped = not self._is_free(place)
        for kind, matches in ((MAIL, has_mail), (REGISTER_NUMBER, register_number_test(grouped=grouped))):
            if kind != reported_kind:
                self._report_cells("P01", place, _drop_chance_matches(texts, matches), kind)
        if reported_kind == PHONE:
            return
        is_phone, may_be_phone = phone_number_test(grouped=grouped), possible_phone_number_test(grouped=grouped)
        phone_texts = _drop_chance_matches(texts, lambda text: is_phone(text) or may_be_phone(text))
        # Under other titles, references may have ten digits as well.
        is_known = place in self.columns
        refused = [
            text
            for text in phone_texts
            if is_phone(text[:CHECKED_TEXT_CHARS]) and (is_known or not text.strip().isdigit())
        ]
        self._report_cells("P01", place, refused, PHONE)
        self._report_cells("P02", place, sorted(set(phone_texts) - set(refused)), PHONE)

    def _report_names(self, place: int, texts: Sequence[str]) -> None:
        """Report (P02) the texts that seem to name a person, and all names of a column made of names."""
        column = self.columns.get(place)
        is_named = names_a_person_among_roles if column and column.names_groups else names_a_person
        name_texts = {text for text in texts if is_named(text[:CHECKED_TEXT_CHARS])}
        full_names = [text for text in texts if is_a_name(text[:CHECKED_TEXT_CHARS])]
        if len(full_names) >= MIN_COLUMN_TEXTS:
            cells = self.sheet.cells[str(place)].slice(self.first_line)
            if cells.is_in(full_names).sum() >= MIN_COLUMN_SHARE * (len(cells) - cells.null_count()):
                name_texts.update(full_names)
        self._report_cells("P02", place, sorted(name_texts), None)

    def _report_births(self, place: int) -> None:
        """Report (P02) an unknown column of dates that may be births of people of working age."""
        cells = self.sheet.cells[str(place)].slice(self.first_line)
        texts = cells.filter(
            cells.str.contains(r"^\s*(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{2}-\d{2})\s*$")
        ).drop_nulls()
        filled_cells = len(cells) - cells.null_count()
        if not filled_cells or len(texts) < MIN_COLUMN_SHARE * filled_cells:
            return
        days = {text: parse_date(text.strip()) for text in texts.unique(maintain_order=True).head(MAX_CHECKED_TEXTS)}
        latest_year, earliest_year = (self.today.year - years for years in BIRTH_AGE_YEARS)
        births = [text for text, day in days.items() if day and earliest_year <= day.year <= latest_year]
        if len(births) >= MIN_COLUMN_TEXTS and len(births) >= 0.9 * len(days):
            self._report_cells("P02", place, births, BIRTH)

    def _report_cells(self, code: str, place: int, texts: Sequence[str], cause: str | None) -> None:
        """Report the cells of a column that hold some texts."""
        if not texts:
            return
        lines = self.sheet.cells[str(place)].is_in(list(texts)).arg_true()
        for line in lines.head(SAMPLE_SIZE):
            row = int(self.sheet.rows[line])
            # The cause gives each kind its own sentence and count.
            values: dict[str, Any] = {"cause": cause} if cause else {}
            self.report.add(code, row=row, at=self._sheet_column(place), count=len(lines), **values)

    def _sheet_column(self, place: int) -> SheetColumn:
        return SheetColumn(column_letter(place), self.titles[place].strip() if place < len(self.titles) else "")
