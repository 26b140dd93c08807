"""The file to fill: as a workbook it is prepared, guides who fills it, and comes back as it went out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from dashboards.wording.translations import load_translator
from indicators.definitions.periods import Period
from indicators.intake.deposit import Accepted
from indicators.intake.files_out.template import expected_figures, template_csv
from indicators.intake.files_out.template_workbook import BLANK_ROWS, template_xlsx
from indicators.intake.validate import Verdict
from schemas.columns import CellType
from schemas.datasets import DATASETS
from tests.builders import (
    ACTIONS,
    DIRECTORY,
    MEASURES,
    action,
    codes,
    deposit,
    examine,
    measure,
    measures,
    stored,
    structures,
    table,
)
from tests.conftest import FilledBy

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from indicators.network import Network

ATELIER, QUARTER = "atelier-ternoise", "2026-T2"
PARTS = ("durable_job_exit_rate", "transition_job_exit_rate", "positive_exit_rate")
FILLED = ("numerateur", "denominateur", "valeur", "commentaire")


def deposit_one_figure(network: Network) -> None:
    stored(network, structures(*DIRECTORY))
    stored(network, measures(measure(ATELIER, "2026-T1", "absenteeism_rate", 310, 12400)))


@pytest.fixture
def ready(filled_by: FilledBy) -> Network:
    """A network whose structures are known, with one figure of the quarter before and one of the year before."""
    return filled_by(deposit_one_figure)


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def prepared(
    network: Network, structure: str = ATELIER, period: str = QUARTER, language: str = "fr", dataset: str = "measures"
) -> Workbook:
    with network.snapshot() as snapshot:
        owner = snapshot.structures[structure]
        return opened(template_xlsx(snapshot, dataset, owner, Period.parse(period), load_translator(language)))


def blank(network: Network, dataset: str, language: str = "fr") -> Workbook:
    with network.snapshot() as snapshot:
        return opened(template_xlsx(snapshot, dataset, None, None, load_translator(language)))


def headers(sheet: Worksheet) -> dict[str, int]:
    """Columns of a sheet by the name at their head, counted from 1."""
    return {cell.value: cell.column for cell in sheet[1] if cell.value}


def lines(sheet: Worksheet) -> Iterator[dict[str, Any]]:
    at = headers(sheet)
    for row in range(2, sheet.max_row + 1):
        yield {name: sheet.cell(row, column) for name, column in at.items()}


def written(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def list_of(sheet: Worksheet, header: str) -> Any:
    """Rule of the column that has that name, from its first row."""
    cell = sheet.cell(2, headers(sheet)[header]).coordinate
    return next(rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref)


def test_the_workbook_asks_for_the_same_figures_as_the_csv(ready: Network) -> None:
    with ready.snapshot() as snapshot:
        owner, period = snapshot.structures[ATELIER], Period.parse(QUARTER)
        rows = [line.split(";") for line in template_csv(snapshot, "measures", owner, period).splitlines()[1:]]
        expected = [(each.sheet.id, each.period.code) for each in expected_figures(snapshot, owner, period)]
    sheet = prepared(ready).active
    requested = [(line["indicateur"].value, line["periode"].value) for line in lines(sheet)]
    assert requested == expected == [(row[2], row[1]) for row in rows]
    assert {line["structure"].value for line in lines(sheet)} == {ATELIER}
    assert {line["segment"].value for line in lines(sheet)} == {"ensemble"}


@pytest.mark.parametrize("language", [None, "fr", "en", "nl"])
def test_the_csv_is_what_a_plain_writer_of_csv_would_write(ready: Network, language: str | None) -> None:
    translate = load_translator(language) if language else None
    with ready.snapshot() as snapshot:
        for owner in snapshot.structures.by_id.values():
            for period in map(Period.parse, (QUARTER, "2025-T4", "2026")):
                plain = io.StringIO()
                writer = csv.writer(plain, delimiter=";", lineterminator="\n")
                labels = [translate("template.reference.label")] if translate else []
                writer.writerow([*MEASURES.split(";"), *labels])
                for each in expected_figures(snapshot, owner, period):
                    labels = [each.sheet.label(language)] if language else []
                    writer.writerow([owner.id, each.period.code, each.sheet.id, "", "", "", "ensemble", "", *labels])
                assert template_csv(snapshot, "measures", owner, period, translate) == plain.getvalue()


def test_a_closed_structure_is_asked_for_nothing(ready: Network) -> None:
    assert list(lines(prepared(ready, structure="chantier-lorette").active)) == []


def test_only_what_is_to_be_filled_can_be_written_in_and_no_password_holds_the_rest(ready: Network) -> None:
    book = prepared(ready)
    for sheet in book:
        assert sheet.protection.sheet, sheet.title
        assert sheet.protection.password is None, sheet.title
    unlocked = {name for line in lines(book.active) for name, cell in line.items() if not cell.protection.locked}
    assert unlocked == set(FILLED)
    assert all(cell.protection.locked for cell in book.active[1])
    assert book.active.freeze_panes == "A2"


def test_a_count_without_a_denominator_has_none_to_fill(ready: Network) -> None:
    with ready.snapshot() as snapshot:
        divided = {sheet.id for sheet in snapshot.catalogue if sheet.denominator_required}
    sheet = prepared(ready, "ecole-valbrune", "2026-T3").active
    open_to = {line["indicateur"].value: not line["denominateur"].protection.locked for line in lines(sheet)}
    assert {name for name, is_open in open_to.items() if is_open} == open_to.keys() & divided
    assert not open_to["serious_sanctions"]


def test_what_was_delivered_the_period_before_stands_beside_for_reference(ready: Network) -> None:
    sheet = prepared(ready).active
    aside = [name for name in headers(sheet) if name.startswith("référence")]
    assert len(aside) == 5
    found = {
        line["indicateur"].value: [line[name].value for name in aside]
        for line in lines(sheet)
        if line["indicateur"].value in {"absenteeism_rate", "dynamic_exit_rate"}
    }
    assert found["absenteeism_rate"] == ["Taux d’absentéisme", "2026-T1", 310, 12400, 2.5]
    assert found["dynamic_exit_rate"] == ["Taux de sorties dynamiques", "2026-T1", None, None, None]


@pytest.mark.parametrize(("language", "label", "title"), [
    ("fr", "Taux d’absentéisme", "Mode d’emploi"),
    ("en", "Absence rate", "How to fill"),
    ("nl", "Verzuimpercentage", "Gebruiksaanwijzing"),
])  # fmt: skip
def test_the_workbook_speaks_the_language_asked_for_under_the_same_headers(
    ready: Network, language: str, label: str, title: str
) -> None:
    book = prepared(ready, language=language)
    columns = [name for name in headers(book.active) if ":" not in name]
    assert columns == [column.french for column in DATASETS["measures"].columns]
    assert label in {cell.value for row in book.active.iter_rows() for cell in row}
    assert title in book.sheetnames
    texts = [cell.value for row in book[title].iter_rows() for cell in row if cell.value]
    assert len(texts) > 15


def test_a_cell_says_what_is_counted_in_it_and_takes_a_number_or_an_absence(ready: Network) -> None:
    sheet = prepared(ready).active
    rule = list_of(sheet, "numerateur")
    assert "emploi durable" in rule.prompt
    assert '"NC"' in rule.formula1
    assert "ISNUMBER" in rule.formula1
    assert len(rule.prompt) <= 255


@pytest.mark.parametrize("dataset", list(DATASETS))
def test_the_workbook_of_nobody_in_particular_has_headers_lists_formats_and_rows_to_fill(
    ready: Network, dataset: str
) -> None:
    book = blank(ready, dataset)
    sheet = book.active
    columns = DATASETS[dataset].columns
    assert list(headers(sheet)) == [column.french for column in columns]
    assert sheet.max_row == BLANK_ROWS + 1 == 201
    assert not any(cell.protection.locked for row in sheet.iter_rows(min_row=2) for cell in row)
    for place, column in enumerate(columns, 1):
        first = sheet.cell(2, place)
        if column.cell_type is CellType.WORD:
            assert list_of(sheet, column.french).formula1 == f'"{",".join(column.vocabulary)}"'
        elif column.cell_type is CellType.DATE:
            assert first.number_format == "dd/mm/yyyy"
        elif column.cell_type in {CellType.STRUCTURE, CellType.INDICATOR, CellType.REGION}:
            assert list_of(sheet, column.french).type == "list"
        elif column.cell_type in {
            CellType.SIRET,
            CellType.BCE,
            CellType.PERIOD,
            CellType.TEXT,
            CellType.CODE,
            CellType.MAIL,
        }:
            assert first.number_format == "@", column.french


def test_a_long_list_stands_on_a_sheet_that_is_not_hidden_each_word_with_its_meaning(ready: Network) -> None:
    book = blank(ready, "measures")
    assert {sheet.sheet_state for sheet in book} == {"visible"}
    rule = list_of(book.active, "indicateur")
    assert rule.formula1.startswith("'Listes'!")
    indicators = {row[0].value: row[1].value for row in book["Listes"].iter_rows(min_row=2)}
    assert indicators["absenteeism_rate"] == "Taux d’absentéisme"


# What goes out comes in again


def fill(ready: Network, book: Workbook) -> None:
    with ready.snapshot() as snapshot:
        catalogue = snapshot.catalogue
    for line in lines(book.active):
        sheet = catalogue[line["indicateur"].value]
        line["numerateur"].value = 10 if sheet.id in PARTS else 30
        if sheet.denominator_required:
            line["denominateur"].value = 12400 if sheet.id == "absenteeism_rate" else 60


@pytest.mark.parametrize("language", ["fr", "en", "nl"])
@pytest.mark.parametrize(
    ("structure", "period"), [(ATELIER, QUARTER), ("ecole-valbrune", "2026-T3"), ("regie-ternoise", "2026-T2")]
)
def test_a_workbook_once_filled_is_accepted_without_a_word(
    ready: Network, structure: str, period: str, language: str
) -> None:
    book = prepared(ready, structure, period, language)
    fill(ready, book)
    outcome = deposit(ready, written(book), "mesures.xlsx", period=period, structure=structure)
    assert isinstance(outcome, Accepted), [(f.code, f.row, f.header, f.value) for f in outcome.validation.findings]
    assert outcome.validation.findings == ()
    assert outcome.receipt.rows_accepted == sum(1 for _ in lines(book.active))


def test_a_workbook_not_filled_says_so_and_nothing_else(ready: Network) -> None:
    found = examine(ready, written(prepared(ready)), "mesures.xlsx", period=QUARTER, structure=ATELIER)
    assert codes(found) == ["C01"]


def test_an_absence_and_a_rate_may_be_written_in_it(ready: Network) -> None:
    book = prepared(ready)
    fill(ready, book)
    line = next(each for each in lines(book.active) if each["indicateur"].value == "undocumented_exit_rate")
    line["numerateur"].value, line["denominateur"].value = "NC", None
    found = examine(ready, written(book), "mesures.xlsx", period=QUARTER, structure=ATELIER)
    assert (found.verdict, codes(found)) == (Verdict.ACCEPTED, ["C02"])


def test_a_register_filled_in_its_workbook_is_accepted_without_a_word(ready: Network) -> None:
    book = blank(ready, "actions")
    at = headers(book.active)
    row = {
        "structure": ATELIER,
        "reference": "AC-2026-001",
        "genre": "corrective",
        "action": "Réimprimer le livret",
        "ouverte_le": "2026-05-04",
        "statut": "ouverte",
    }
    for name, value in row.items():
        book.active.cell(2, at[name]).value = value
    outcome = deposit(ready, written(book), "actions.xlsx", structure=ATELIER)
    assert isinstance(outcome, Accepted), codes(outcome.validation)
    assert outcome.validation.findings == ()
    assert outcome.receipt.rows_accepted == 1


def test_the_open_actions_of_a_structure_are_in_its_file_and_come_back_unchanged(ready: Network) -> None:
    closed = action("FA-3", done="2026-03-01", verified="2026-04-01", verdict="100", status="close")
    rows = (action("FA-1", due="2026-12-31"), action("FA-2"), closed, action("FR-1", structure="regie-ternoise"))
    stored(ready, table(ACTIONS, *rows))
    with ready.snapshot(newest=True) as snapshot:
        structure = snapshot.structures[ATELIER]
        text = template_csv(snapshot, "actions", structure, None)
        book = template_xlsx(snapshot, "actions", structure, None, load_translator("fr"))
    assert [row["reference"] for row in csv.DictReader(io.StringIO(text), delimiter=";")] == ["FA-1", "FA-2"]
    headers = text.splitlines()[0].split(";")
    assert headers == [column.french for column in DATASETS["actions"].columns]
    for content, name in ((text.encode(), "actions.csv"), (book, "actions.xlsx")):
        found = examine(ready, content, name)
        assert found.rows_accepted == 2, found.findings
        assert found.table is not None
        assert found.table["due_on"].to_list()[0] is not None
