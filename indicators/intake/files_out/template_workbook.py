"""The file to fill as a workbook: lists, formats, the period before for reference, locks on what is not to be filled.

Its sentences come from the caller, in the reader's language: nothing is said here.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from indicators.cached import cached_property
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Period
from indicators.intake.files_out.template import WHOLE_SEGMENT, Former, Say, expected_figures, former_figures
from indicators.intake.readers.workbook import TEMPLATE, TEMPLATE_VERSION
from indicators.network import Reading
from indicators.queries.deposits.expected import Expected
from schemas.columns import Cell, Column
from schemas.datasets import DATASETS

BLANK_ROWS: Final = 200
"""Rows to fill in a workbook that is prepared for nobody in particular."""
LONGEST_LIST: Final = 255
"""Characters that a spreadsheet takes of a list written in its cell's rule; a longer one stands on a sheet."""
REFERENCE: Final = "reference."
FILLED: Final[Mapping[str, int]] = {
    "structure": 24,
    "periode": 12,
    "indicateur": 32,
    "reference.label": 44,
    "numerateur": 14,
    "denominateur": 14,
    "valeur": 12,
    "segment": 12,
    "commentaire": 40,
    "reference.period": 18,
    "reference.numerator": 18,
    "reference.denominator": 18,
    "reference.value": 18,
}
"""Columns of the measures asked of a structure, with their widths; those of reference are named in words."""
ABSENCES: Final = ("NC", "ND", "s.o.", "N/A")
"""What the rules of number cells let through besides numbers."""
INK, QUIET, TINT, EDGE, ACCENT = "#1A2226", "#5B6B73", "#F3F5F6", "#C9D2D6", "#0B4F5E"


def template_xlsx(
    reading: Reading, dataset: str, structure: Structure | None, period: Period | None, say: Say
) -> bytes:
    """Return a workbook to be filled, protected without a password: only what is to be filled can be written in."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_custom_property(TEMPLATE, TEMPLATE_VERSION)
        writer = _Writer(book, reading, dataset, say)
        if dataset == "measures" and structure is not None and period is not None:
            writer.write_expected(structure, period)
        else:
            writer.write_blank(structure, period)
        writer.write_how_to(structure, period)
        writer.write_lists()
    return file.getvalue()


@dataclass
class _Writer:
    """A workbook being written: the sheet to fill first, then how to fill it, then the lists it draws from."""

    book: Workbook
    reading: Reading
    dataset: str
    say: Say
    lists: dict[str, tuple[str, Sequence[tuple[str, str]]]] = field(default_factory=dict)
    """Long lists by name: the title of the list and its words, each with what it means."""

    @property
    def columns(self) -> Sequence[Column]:
        return DATASETS[self.dataset].columns

    @cached_property
    def sheet(self) -> Worksheet:
        sheet = self.book.add_worksheet(self.dataset)
        sheet.freeze_panes(1, 0)
        sheet.hide_gridlines(2)
        sheet.set_default_row(18)
        sheet.set_row(0, 22)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.protect(
            "",
            {
                "format_columns": True,
                "format_rows": True,
                "sort": True,
                "autofilter": True,
                "select_locked_cells": True,
            },
        )
        return sheet

    def style(self, **more: object) -> Format:
        plain = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "vcenter"}
        return self.book.add_format({**plain, **more})

    @cached_property
    def head(self) -> Format:
        return self.style(bold=True, bottom=2, bottom_color=ACCENT, bg_color="#FFFFFF")

    @cached_property
    def quiet_head(self) -> Format:
        return self.style(italic=True, font_color=QUIET, bottom=2, bottom_color=EDGE)

    @cached_property
    def label(self) -> Format:
        return self.style(bottom=1, bottom_color=EDGE)

    def quiet(self, number_format: str = "General") -> Format:
        return self.style(font_color=QUIET, num_format=number_format, bottom=1, bottom_color=EDGE)

    def open(self, number_format: str = "General", **more: object) -> Format:
        """Return the style of a cell to fill."""
        return self.style(locked=False, bg_color=TINT, num_format=number_format, border=1, border_color=EDGE, **more)

    # The measures expected of a structure.

    def write_expected(self, structure: Structure, period: Period) -> None:
        """Write a row for each figure expected, with what it counts and what was delivered the period before.

        The label stands beside the indicator and the former figures at the end: columns that are not read back.
        """
        expected = list(expected_figures(self.reading, structure, period))
        former = former_figures(self.reading, structure, expected)
        for place, (name, width) in enumerate(FILLED.items()):
            reference = name.startswith(REFERENCE)
            header = self.say(f"template.{name}") if reference else name
            self.sheet.write_string(0, place, header, self.quiet_head if reference else self.head)
            self.sheet.set_column(place, place, width)
        for row, line in enumerate(expected, 1):
            self._ask(row, structure, line)
            self._recall(row, line, former.get((line.sheet.id, line.period.shifted(-1).code)))

    def _ask(self, row: int, structure: Structure, line: Expected) -> None:
        """Write what is known of a figure, and open the cells to fill."""
        sheet, language, at = line.sheet, self.say.language, list(FILLED).index
        known = (structure.id, line.period.code, sheet.id, WHOLE_SEGMENT)
        for name, text in zip(("structure", "periode", "indicateur", "segment"), known, strict=True):
            self.sheet.write_string(row, at(name), text, self.label)
        self._number(row, at("numerateur"), _counted(whole=sheet.numerator_whole), sheet.numerator(language))
        if sheet.denominator_required:
            heads = _counted(whole=sheet.counted_in == "people" and sheet.capped)
            self._number(row, at("denominateur"), heads, sheet.denominator(language))
        else:
            self.sheet.write_blank(row, at("denominateur"), None, self.label)
        self._number(row, at("valeur"), _decimal(sheet.decimals), self.say("template.value.message"))
        self.sheet.write_blank(row, at("commentaire"), None, self.open(text_wrap=True))

    def _recall(self, row: int, line: Expected, former: Former | None) -> None:
        """Write the label of a figure, and what was delivered the period before."""
        sheet, at = line.sheet, list(FILLED).index
        self.sheet.write_string(row, at("reference.label"), sheet.label(self.say.language), self.quiet())
        self.sheet.write_string(row, at("reference.period"), line.period.shifted(-1).code, self.quiet())
        for name in ("numerator", "denominator", "value"):
            shown = self.quiet(_decimal(sheet.decimals) if name == "value" else _counted(whole=sheet.numerator_whole))
            number: float | None = getattr(former, name, None)
            place = at(f"reference.{name}")
            if number is None:
                self.sheet.write_blank(row, place, None, shown)
            else:
                self.sheet.write_number(row, place, number, shown)

    def _number(self, row: int, place: int, number_format: str, message: str) -> None:
        """Open a cell for a number or a stated absence, and say what is counted there when it is chosen."""
        self.sheet.write_blank(row, place, None, self.open(number_format))
        cell = xl_rowcol_to_cell(row, place)
        words = ",".join(f'{cell}="{word}"' for word in ABSENCES)
        self.sheet.data_validation(
            row,
            place,
            row,
            place,
            {
                "validate": "custom",
                "value": f"=OR(AND(ISNUMBER({cell}),{cell}>=0),{words})",
                "input_title": list(FILLED)[place],
                "input_message": _brief(message),
                "error_title": self.say("template.refused"),
                "error_message": _brief(self.say("template.number")),
                "error_type": "stop",
            },
        )

    # Rows for anybody.

    def write_blank(self, structure: Structure | None, period: Period | None) -> None:
        """Write the header and rows to fill, each column with its format and, where its words are closed, its list."""
        known = {"structure": structure.id if structure else None, "period": period.code if period else None}
        for place, column in enumerate(self.columns):
            shown = self.open(self._format(column), text_wrap=column.longest > LONGEST_LIST)
            self.sheet.write_string(0, place, column.french, self.head)
            self.sheet.set_column(
                place, place, max(len(column.french) + 4, 18 if column.longest <= LONGEST_LIST else 44)
            )
            for row in range(1, BLANK_ROWS + 1):
                self.sheet.write_blank(row, place, None, shown)
            rule = self._rule(column, known.get(column.name))
            self.sheet.data_validation(1, place, BLANK_ROWS, place, rule)

    def _format(self, column: Column) -> str:
        match column.cell:
            case Cell.DATE:
                return "dd/mm/yyyy" if self.say.language == "fr" else "yyyy-mm-dd"
            case Cell.WHOLE:
                return "0"
            case Cell.NUMBER:
                return "General"
            case _:
                # As text, so that nothing loses its leading zeros.
                return "@"

    def _rule(self, column: Column, own: str | None) -> dict[str, object]:
        """Return the list or the bounds that a spreadsheet offers in a column; ours are the only ones that decide."""
        message: dict[str, object] = {"input_title": column.french, "input_message": _brief(self._accepted(column))}
        match column.cell:
            case Cell.WORD:
                words = list(column.words)
                return message | self._list(column, [(word, "") for word in words], strict=True)
            case Cell.STRUCTURE:
                members = [(s.id, s.name) for s in self.reading.structures.by_id.values() if own in {None, s.id}]
                return message | self._list(column, members) if members else message | {"validate": "any"}
            case Cell.INDICATOR:
                return message | self._list(
                    column, [(s.id, s.label(self.say.language)) for s in self.reading.catalogue]
                )
            case Cell.REGION:
                regions = [(region.id, region.name(self.say.language)) for region in self.reading.regions.values()]
                return message | self._list(column, regions)
            case Cell.DATE:
                first: dict[str, object] = {
                    "validate": "custom",
                    "value": f"=ISNUMBER({xl_rowcol_to_cell(1, self._place(column))})",
                }
                return message | first | {"error_type": "warning", "error_message": _brief(self._accepted(column))}
            case _:
                return message | {"validate": "any"}

    def _place(self, column: Column) -> int:
        return list(self.columns).index(column)

    def _list(self, column: Column, words: Sequence[tuple[str, str]], *, strict: bool = False) -> dict[str, object]:
        """Return the rule of a list, a long one on the sheet of lists; other words may be typed unless it is strict."""
        kind: dict[str, object] = {
            "validate": "list",
            "error_type": "stop" if strict else "information",
            "error_title": self.say("template.refused") if strict else column.french,
            "error_message": _brief(self._accepted(column)),
            "show_error": strict,
        }
        codes = [word for word, _ in words]
        if len(",".join(codes)) <= LONGEST_LIST and not any("," in word for word in codes):
            return kind | {"source": codes}
        self.lists[column.french] = (column.french, words)
        place = list(self.lists).index(column.french) * 3
        first, last = (xl_rowcol_to_cell(row, place, True, True) for row in (1, len(words)))
        return kind | {"source": f"='{self.say('template.lists')}'!{first}:{last}"}

    def _accepted(self, column: Column) -> str:
        """Say what a column takes."""
        words = column.name if column.name == "segment" else column.cell.name.lower()
        told = self.say(f"template.cell.{words}")
        return f"{told} {', '.join(column.words)}." if column.words else told

    # The other sheets.

    def write_how_to(self, structure: Structure | None, period: Period | None) -> None:
        """Write how to fill the sheet: a few sentences, then what each column takes."""
        say = self.say
        sheet = self.book.add_worksheet(say("template.how_to"))
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 16)
        sheet.set_column(2, 2, 90)
        sheet.write_string(0, 0, say("template.how_to"), self.style(bold=True, font_size=16))
        prepared = structure is not None and period is not None and self.dataset == "measures"
        row = 2
        wrapped = self.style(text_wrap=True, valign="top")
        if prepared and structure and period:
            prepared_for = say("template.prepared", structure=structure.name, period=period.code)
            sheet.merge_range(row, 0, row, 2, prepared_for, wrapped)
            row += 1
        for key in self._sentences(prepared=prepared):
            sheet.merge_range(row, 0, row, 2, say(key), wrapped)
            sheet.set_row(row, 18 if len(say(key)) < 130 else 34)
            row += 1
        row += 1
        for place, name in enumerate(("column", "needed", "takes")):
            sheet.write_string(row, place, say(f"template.how_to.{name}"), self.head)
        for column in self.columns:
            row += 1
            needed = say("template.needed" if column.filled else "template.optional")
            takes = self._accepted(column)
            for place, text in enumerate((column.french, needed, takes)):
                sheet.write_string(row, place, text, wrapped)
            sheet.set_row(row, 18 * (1 + len(takes) // 95))
        sheet.protect("")

    def _sentences(self, *, prepared: bool) -> Iterable[str]:
        if self.dataset == "measures":
            yield "template.sentence.counts"
            yield "template.sentence.absences"
        yield "template.sentence.white" if not prepared else "template.sentence.tinted"
        yield "template.sentence.formulas"
        yield "template.sentence.deposit"

    def write_lists(self) -> None:
        """Write the lists that are too long for a cell's rule, each word with what it means."""
        if not self.lists:
            return
        sheet = self.book.add_worksheet(self.say("template.lists"))
        sheet.hide_gridlines(2)
        sheet.freeze_panes(1, 0)
        for order, (title, words) in enumerate(self.lists.values()):
            place = order * 3
            sheet.set_column(place, place, 36)
            sheet.set_column(place + 1, place + 1, 48)
            sheet.write_string(0, place, self.say("template.list_of", name=title), self.head)
            for row, (word, meaning) in enumerate(words, 1):
                sheet.write_string(row, place, word, self.style())
                sheet.write_string(row, place + 1, meaning, self.style(font_color=QUIET))
        sheet.protect("")


def _brief(text: str) -> str:
    """Cut a text to what a spreadsheet takes of a message."""
    return text if len(text) <= LONGEST_LIST else f"{text[: LONGEST_LIST - 1]}…"


def _counted(*, whole: bool) -> str:
    return "#,##0" if whole else "General"


def _decimal(decimals: int) -> str:
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"
