"""Workbook template to fill: lists, formats, the previous period for reference, locks on the other cells.

Its sentences come from the caller's translator.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from indicators.cached import cached_property
from indicators.csv_files import CellValue
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Period
from indicators.intake.files_out.template import (
    PreviousFigure,
    Translate,
    expected_figures,
    open_actions,
    previous_figures,
)
from indicators.intake.readers.workbook import TEMPLATE_PROPERTY, TEMPLATE_VERSION
from indicators.queries.deposits.expected import ExpectedFigure
from indicators.snapshot import Snapshot
from schemas.columns import CellType, Column
from schemas.datasets import DATASETS
from schemas.measures import WHOLE_SEGMENT

BLANK_ROWS: Final = 200
"""Rows to fill in a workbook that is not prepared for a structure."""
MAX_LIST_CHARS: Final = 255
"""Most characters of a list in a validation rule, and of its message; a longer list is written to a sheet."""
REFERENCE_PREFIX: Final = "reference."
COLUMN_WIDTHS: Final[Mapping[str, int]] = {
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
"""Columns of the measures expected of a structure, with their widths; reference columns have translated titles."""
ABSENCE_WORDS: Final = ("NC", "ND", "s.o.", "N/A")
"""Absences that the validation of number cells accepts."""
INK, QUIET, TINT, EDGE, ACCENT = "#1A2226", "#5B6B73", "#F3F5F6", "#C9D2D6", "#0B4F5E"


def template_xlsx(
    snapshot: Snapshot, dataset: str, structure: Structure | None, period: Period | None, translate: Translate
) -> bytes:
    """Return a workbook to fill, protected without a password: only the cells to fill can be edited."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_custom_property(TEMPLATE_PROPERTY, TEMPLATE_VERSION)
        writer = _TemplateWriter(book, snapshot, dataset, translate)
        if dataset == "measures" and structure is not None and period is not None:
            writer.write_expected(structure, period)
        else:
            writer.write_blank(structure, period)
        writer.write_how_to(structure, period)
        writer.write_lists()
    return file.getvalue()


@dataclass
class _TemplateWriter:
    """A workbook being written: the sheet to fill, then the instructions, then the lists of values."""

    book: Workbook
    snapshot: Snapshot
    dataset: str
    translate: Translate
    lists: dict[str, tuple[str, Sequence[tuple[str, str]]]] = field(default_factory=dict)
    """Long lists by name: the title of the list and its words, each with its meaning."""

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

    def _style(self, **more: object) -> Format:
        plain = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "vcenter"}
        return self.book.add_format({**plain, **more})

    @cached_property
    def header_style(self) -> Format:
        return self._style(bold=True, bottom=2, bottom_color=ACCENT, bg_color="#FFFFFF")

    @cached_property
    def reference_header_style(self) -> Format:
        return self._style(italic=True, font_color=QUIET, bottom=2, bottom_color=EDGE)

    @cached_property
    def locked_style(self) -> Format:
        return self._style(bottom=1, bottom_color=EDGE)

    def reference_style(self, number_format: str = "General") -> Format:
        return self._style(font_color=QUIET, num_format=number_format, bottom=1, bottom_color=EDGE)

    def input_style(self, number_format: str = "General", **more: object) -> Format:
        """Return the style of a cell to fill."""
        return self._style(locked=False, bg_color=TINT, num_format=number_format, border=1, border_color=EDGE, **more)

    # The measures expected of a structure.

    def write_expected(self, structure: Structure, period: Period) -> None:
        """Write a row for each expected figure, with its label and the previous period's figure.

        The label column follows the indicator, the previous figures come last; none is read back.
        """
        expected = list(expected_figures(self.snapshot, structure, period))
        previous = previous_figures(self.snapshot, structure, expected)
        for place, (name, width) in enumerate(COLUMN_WIDTHS.items()):
            is_reference = name.startswith(REFERENCE_PREFIX)
            header = self.translate(f"template.{name}") if is_reference else name
            self.sheet.write_string(
                0, place, header, self.reference_header_style if is_reference else self.header_style
            )
            self.sheet.set_column(place, place, width)
        for row, line in enumerate(expected, 1):
            self._write_figure_to_fill(row, structure, line)
            self._write_previous_figure(row, line, previous.get((line.sheet.id, line.period.shifted(-1).code)))

    def _write_figure_to_fill(self, row: int, structure: Structure, line: ExpectedFigure) -> None:
        """Write the key of a figure, locked, and the cells to fill."""
        indicator, language, at = line.sheet, self.translate.language, list(COLUMN_WIDTHS).index
        known_texts = (structure.id, line.period.code, indicator.id, WHOLE_SEGMENT)
        for name, text in zip(("structure", "periode", "indicateur", "segment"), known_texts, strict=True):
            self.sheet.write_string(row, at(name), text, self.locked_style)
        self._write_number_cell(
            row, at("numerateur"), _count_format(is_whole=indicator.numerator_whole), indicator.numerator(language)
        )
        if indicator.denominator_required:
            count_format = _count_format(is_whole=indicator.counted_in == "people" and indicator.is_capped)
            self._write_number_cell(row, at("denominateur"), count_format, indicator.denominator(language))
        else:
            self.sheet.write_blank(row, at("denominateur"), None, self.locked_style)
        self._write_number_cell(
            row, at("valeur"), _decimal_format(indicator.decimals), self.translate("template.value.message")
        )
        self.sheet.write_blank(row, at("commentaire"), None, self.input_style(text_wrap=True))

    def _write_previous_figure(self, row: int, line: ExpectedFigure, previous: PreviousFigure | None) -> None:
        """Write the label of a figure, and the previous period's figure."""
        indicator, at = line.sheet, list(COLUMN_WIDTHS).index
        self.sheet.write_string(
            row, at("reference.label"), indicator.label(self.translate.language), self.reference_style()
        )
        self.sheet.write_string(row, at("reference.period"), line.period.shifted(-1).code, self.reference_style())
        for name in ("numerator", "denominator", "value"):
            cell_format = self.reference_style(
                _decimal_format(indicator.decimals)
                if name == "value"
                else _count_format(is_whole=indicator.numerator_whole)
            )
            number: float | None = getattr(previous, name, None)
            place = at(f"reference.{name}")
            if number is None:
                self.sheet.write_blank(row, place, None, cell_format)
            else:
                self.sheet.write_number(row, place, number, cell_format)

    def _write_number_cell(self, row: int, place: int, number_format: str, message: str) -> None:
        """Write a cell to fill with a number or a stated absence, with a message on what is counted there."""
        self.sheet.write_blank(row, place, None, self.input_style(number_format))
        cell = xl_rowcol_to_cell(row, place)
        words = ",".join(f'{cell}="{word}"' for word in ABSENCE_WORDS)
        self.sheet.data_validation(
            row,
            place,
            row,
            place,
            {
                "validate": "custom",
                "value": f"=OR(AND(ISNUMBER({cell}),{cell}>=0),{words})",
                "input_title": list(COLUMN_WIDTHS)[place],
                "input_message": _truncate(message),
                "error_title": self.translate("template.refused"),
                "error_message": _truncate(self.translate("template.number")),
                "error_type": "stop",
            },
        )

    # Rows not prepared for a structure.

    def write_blank(self, structure: Structure | None, period: Period | None) -> None:
        """Write the header and rows to fill, each column with its format and, for closed lists, its list.

        The open actions of a structure stand in the first ones.
        """
        prepared = open_actions(self.snapshot, structure) if self.dataset == "actions" and structure else []
        last_row = len(prepared) + BLANK_ROWS
        collected_codes = {"structure": structure.id if structure else None, "period": period.code if period else None}
        for place, column in enumerate(self.columns):
            cell_format = self.input_style(self._number_format(column), text_wrap=column.max_chars > MAX_LIST_CHARS)
            self.sheet.write_string(0, place, column.french, self.header_style)
            self.sheet.set_column(
                place, place, max(len(column.french) + 4, 18 if column.max_chars <= MAX_LIST_CHARS else 44)
            )
            for row in range(1, last_row + 1):
                cell = prepared[row - 1][place] if row <= len(prepared) else None
                self._write_prepared(row, place, cell, cell_format)
            rule = self._validation_rule(column, collected_codes.get(column.name))
            self.sheet.data_validation(1, place, last_row, place, rule)

    def _write_prepared(self, row: int, place: int, cell: CellValue, cell_format: Format) -> None:
        match cell:
            case None:
                self.sheet.write_blank(row, place, None, cell_format)
            case date():
                self.sheet.write_datetime(row, place, cell, cell_format)
            case str():
                self.sheet.write_string(row, place, cell, cell_format)
            case _:
                self.sheet.write_number(row, place, float(cell), cell_format)

    def _number_format(self, column: Column) -> str:
        match column.cell_type:
            case CellType.DATE:
                return "dd/mm/yyyy" if self.translate.language == "fr" else "yyyy-mm-dd"
            case CellType.WHOLE:
                return "0"
            case CellType.NUMBER:
                return "General"
            case _:
                # As text, to keep leading zeros.
                return "@"

    def _validation_rule(self, column: Column, only_structure: str | None) -> dict[str, object]:
        """Return the data validation of a column in the spreadsheet, a help only: the intake decides."""
        message: dict[str, object] = {
            "input_title": column.french,
            "input_message": _truncate(self._describe_accepted(column)),
        }
        match column.cell_type:
            case CellType.WORD:
                words = list(column.vocabulary)
                return message | self._list_rule(column, [(word, "") for word in words], strict=True)
            case CellType.STRUCTURE:
                members = [
                    (s.id, s.name) for s in self.snapshot.structures.by_id.values() if only_structure in {None, s.id}
                ]
                return message | self._list_rule(column, members) if members else message | {"validate": "any"}
            case CellType.INDICATOR:
                return message | self._list_rule(
                    column, [(s.id, s.label(self.translate.language)) for s in self.snapshot.catalogue]
                )
            case CellType.REGION:
                regions = [
                    (region.id, region.name(self.translate.language)) for region in self.snapshot.regions.values()
                ]
                return message | self._list_rule(column, regions)
            case CellType.DATE:
                first: dict[str, object] = {
                    "validate": "custom",
                    "value": f"=ISNUMBER({xl_rowcol_to_cell(1, self._place(column))})",
                }
                return (
                    message
                    | first
                    | {"error_type": "warning", "error_message": _truncate(self._describe_accepted(column))}
                )
            case _:
                return message | {"validate": "any"}

    def _place(self, column: Column) -> int:
        return list(self.columns).index(column)

    def _list_rule(
        self, column: Column, words: Sequence[tuple[str, str]], *, strict: bool = False
    ) -> dict[str, object]:
        """Return the validation of a list, a long one on the sheet of lists; `strict` forbids other words."""
        kind: dict[str, object] = {
            "validate": "list",
            "error_type": "stop" if strict else "information",
            "error_title": self.translate("template.refused") if strict else column.french,
            "error_message": _truncate(self._describe_accepted(column)),
            "show_error": strict,
        }
        codes = [word for word, _ in words]
        if len(",".join(codes)) <= MAX_LIST_CHARS and not any("," in word for word in codes):
            return kind | {"source": codes}
        self.lists[column.french] = (column.french, words)
        place = list(self.lists).index(column.french) * 3
        first, last = (xl_rowcol_to_cell(row, place, True, True) for row in (1, len(words)))
        return kind | {"source": f"='{self.translate('template.lists')}'!{first}:{last}"}

    def _describe_accepted(self, column: Column) -> str:
        """Return the sentence on the values that a column accepts."""
        words = column.name if column.name == "segment" else column.cell_type.name.lower()
        description = self.translate(f"template.cell.{words}")
        return f"{description} {', '.join(column.vocabulary)}." if column.vocabulary else description

    # The other sheets.

    def write_how_to(self, structure: Structure | None, period: Period | None) -> None:
        """Write the instructions: a few sentences, then what each column accepts."""
        translate = self.translate
        sheet = self.book.add_worksheet(translate("template.how_to"))
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 16)
        sheet.set_column(2, 2, 90)
        sheet.write_string(0, 0, translate("template.how_to"), self._style(bold=True, font_size=16))
        is_prepared = structure is not None and period is not None and self.dataset == "measures"
        row = 2
        wrapped = self._style(text_wrap=True, valign="top")
        if is_prepared and structure and period:
            prepared_for = translate("template.prepared", structure=structure.name, period=period.code)
            sheet.merge_range(row, 0, row, 2, prepared_for, wrapped)
            row += 1
        for key in self._sentences(prepared=is_prepared):
            sheet.merge_range(row, 0, row, 2, translate(key), wrapped)
            sheet.set_row(row, 18 if len(translate(key)) < 130 else 34)
            row += 1
        row += 1
        for place, name in enumerate(("column", "needed", "takes")):
            sheet.write_string(row, place, translate(f"template.how_to.{name}"), self.header_style)
        for column in self.columns:
            row += 1
            needed = translate("template.needed" if column.non_empty else "template.optional")
            takes = self._describe_accepted(column)
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
        """Write the lists that are too long for a validation rule, each word with its meaning."""
        if not self.lists:
            return
        sheet = self.book.add_worksheet(self.translate("template.lists"))
        sheet.hide_gridlines(2)
        sheet.freeze_panes(1, 0)
        for order, (title, words) in enumerate(self.lists.values()):
            place = order * 3
            sheet.set_column(place, place, 36)
            sheet.set_column(place + 1, place + 1, 48)
            sheet.write_string(0, place, self.translate("template.list_of", name=title), self.header_style)
            for row, (word, meaning) in enumerate(words, 1):
                sheet.write_string(row, place, word, self._style())
                sheet.write_string(row, place + 1, meaning, self._style(font_color=QUIET))
        sheet.protect("")


def _truncate(text: str) -> str:
    """Truncate a text to the length of a spreadsheet's message."""
    return text if len(text) <= MAX_LIST_CHARS else f"{text[: MAX_LIST_CHARS - 1]}…"


def _count_format(*, is_whole: bool) -> str:
    return "#,##0" if is_whole else "General"


def _decimal_format(decimals: int) -> str:
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"
