"""Each kind of file has one contract and one sample; a contract refuses all that it names."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest
from pandera.errors import SchemaErrors

from indicators.network import Network
from schemas.columns import POLARS_TYPE, CellType
from schemas.datasets import DATASETS, SAMPLES, STORED_DATASETS, Violation, find_violations, sample_path
from schemas.findings import SEVERITIES_BY_CODE, Finding, Severity
from tests.builders import stored

HEADERS = {
    "measures": "structure · periode · indicateur · numerateur · denominateur · valeur · segment · commentaire",
    "structures": (
        "structure · nom · type · groupe · region · departement · pays · siret · bce · ouverte_le · fermee_le · "
        "valable_du · predecesseur · actions_depuis"
    ),
    "actions": (
        "structure · reference · genre · origine · processus · axe · constat · cause · action · pilote · ouverte_le · "
        "echeance · faite_le · critere · verifiee_le · efficacite · statut · indicateur · motif · accepte_jusqu_au · "
        "publiable"
    ),
    "participation": (
        "structure · reference · date · forme · theme · invites · presents · dont_en_parcours · duree_h · eligibles · "
        "invites_a_part · prepare · dimension · publiable"
    ),
    "plan": "structure · annee · axe · engagement · action · indicateur",
    "corps": "structure · instance · rythme · roles · du · au",
    "instances": "structure · instance · prevue_le · tenue_le · presents · decisions · actions",
    "demandes": (
        "structure · reference · date · de · demande · reponse · repondue_le · action · rendue_le · decision · "
        "publiable"
    ),
    "evaluations": "structure · referentiel · version · date · theme · item · niveau · commentaire · lecteur",
    "cibles": "perimetre · indicateur · debut · fin · valeur · origine · convenue_le",
    "membres": "adresse · role · perimetre · du · au",
}
"""The files that people deposit, as the design promises them."""

Row = Mapping[str, Any]

SOUND: dict[str, Row] = {
    "structures": {
        "structure": "atelier-exemple",
        "name": "Atelier d’exemple (fictif)",
        "kind": "ACI",
        "region": "normandie",
        "country": "FR",
        "siret": "00090000100017",
        "bce": None,
        "opened_on": date(2010, 1, 1),
        "closed_on": date(2020, 12, 31),
    },
    "measures": {
        "structure": "atelier-exemple",
        "period": "2026-T3",
        "indicator": "dynamic_exit_rate",
        "numerator": 33.0,
        "denominator": 60.0,
        "capped": True,
    },
    "actions": {
        "structure": "atelier-exemple",
        "reference": "AC-1",
        "kind": "corrective",
        "action": "Réimprimer le livret",
        "opened_on": date(2026, 1, 10),
        "due_on": date(2026, 2, 10),
        "done_on": date(2026, 2, 1),
        "verified_on": date(2026, 3, 1),
        "effectiveness": 100,
        "status": "closed",
    },
    "participation": {
        "structure": "atelier-exemple",
        "reference": "PA-1",
        "held_on": date(2026, 1, 10),
        "form": "meeting",
        "invited": 24,
        "present": 19,
        "in_pathway": 15,
        "hours": 1.5,
    },
    "plan": {
        "structure": "atelier-exemple",
        "year": "2026",
        "axis": "Accueil",
        "commitment": "Chacun reçoit le livret le premier jour",
        "action": "AC-1",
    },
    "corps": {
        "structure": "atelier-exemple",
        "body": "Comité de pilotage",
        "recurrence": "every_two_months",
        "holds_from": date(2026, 1, 1),
        "holds_until": date(2026, 12, 31),
    },
    "instances": {
        "structure": "atelier-exemple",
        "body": "Comité de pilotage",
        "planned_on": date(2026, 1, 10),
        "held_on": date(2026, 1, 11),
    },
    "demandes": {
        "structure": "atelier-exemple",
        "reference": "DE-1",
        "received_on": date(2026, 1, 10),
        "group": "salariés en parcours",
        "request": "Recevoir le planning plus tôt",
        "answered_on": date(2026, 1, 20),
        "reported_back_on": date(2026, 1, 30),
    },
    "cibles": {
        "perimeter": "reseau",
        "indicator": "dynamic_exit_rate",
        "starts": "2026-T1",
        "value": 60.0,
        "origin": "internal",
    },
    "membres": {
        "address": "direction@atelier-exemple.example",
        "role": "director",
        "perimeter": "atelier-exemple",
        "holds_from": date(2026, 1, 1),
    },
}
REFUSED: list[tuple[str, str, str | None, Row]] = [
    ("structures", "C03", "structure", {"structure": "Atelier Exemple"}),
    ("structures", "C03", "structure", {"structure": "-atelier"}),
    ("structures", "C03", "structure", {"structure": "atelier_exemple"}),
    ("structures", "I05", "siret", {"siret": "00090000100018"}),
    ("structures", "I05", "bce", {"bce": "0431150351"}),
    ("structures", "X06", "closed_on", {"closed_on": date(2009, 12, 31)}),
    ("measures", "C06", "numerator", {"numerator": -1.0}),
    ("measures", "C06", "denominator", {"numerator": None, "denominator": -0.5}),
    ("measures", "X01", "numerator", {"numerator": 60.5}),
    ("actions", "C07", "effectiveness", {"effectiveness": 75}),
    ("actions", "X06", "due_on", {"due_on": date(2026, 1, 9), "done_on": None, "verified_on": None}),
    ("actions", "X06", "done_on", {"done_on": date(2026, 1, 9)}),
    ("actions", "X06", "verified_on", {"verified_on": date(2026, 1, 31)}),
    ("participation", "C06", "invited", {"invited": -1, "present": 0, "in_pathway": None}),
    ("participation", "C06", "present", {"present": -1, "in_pathway": None}),
    ("participation", "C06", "in_pathway", {"in_pathway": -1}),
    ("participation", "C06", "hours", {"hours": -0.5}),
    ("participation", "X01", "present", {"present": 25}),
    ("participation", "X01", "in_pathway", {"in_pathway": 20}),
    ("participation", "X01", "present", {"eligible": 18}),
    ("participation", "C06", "eligible", {"eligible": -1}),
    ("corps", "X06", "holds_until", {"holds_until": date(2025, 12, 31)}),
    ("demandes", "X06", "answered_on", {"answered_on": date(2026, 1, 9)}),
    ("demandes", "X06", "reported_back_on", {"reported_back_on": date(2026, 1, 19)}),
    ("membres", "X06", "holds_until", {"holds_until": date(2025, 12, 31)}),
    ("membres", "I10", "perimeter", {"role": "administrator"}),
]
ACCEPTED: list[tuple[str, Row]] = [
    ("structures", {"closed_on": date(2010, 1, 1)}),
    ("structures", {"opened_on": None}),
    ("structures", {"siret": None, "bce": "0000000196"}),
    ("measures", {"numerator": 0.0}),
    ("measures", {"numerator": 60.0}),
    ("measures", {"numerator": 61.0, "capped": False}),
    ("measures", {"numerator": None, "denominator": None}),
    ("actions", {"effectiveness": 0}),
    ("actions", {"effectiveness": 50}),
    ("actions", {"effectiveness": None, "verified_on": None}),
    ("actions", {"due_on": date(2026, 1, 10), "done_on": date(2026, 1, 10), "verified_on": date(2026, 1, 10)}),
    ("participation", {"invited": 19, "in_pathway": 19}),
    ("participation", {"invited": None, "in_pathway": None, "hours": None}),
    ("participation", {"present": 0, "in_pathway": 0, "hours": 0.0}),
    ("participation", {"eligible": 19}),
    ("corps", {"holds_until": date(2026, 1, 1)}),
    ("instances", {"held_on": None}),
    ("plan", {"action": None}),
    ("demandes", {"answered_on": date(2026, 1, 10), "reported_back_on": date(2026, 1, 10)}),
    ("participation", {"form": "gathering", "present": 25}),
    ("participation", {"form": "consultation", "present": 25}),
    ("cibles", {"value": -2.0}),
    ("membres", {"holds_until": date(2026, 1, 1)}),
    ("membres", {"role": "administrator", "perimeter": "reseau"}),
]
FILLED = [(name, column.name) for name, dataset in DATASETS.items() for column in dataset.columns if column.non_empty]


def typed(dataset: str, *rows: Row) -> pl.DataFrame:
    """Make a typed table of a dataset from its sound row, changed."""
    columns = DATASETS[dataset].columns
    schema: dict[str, pl.DataType] = {c.name: POLARS_TYPE.get(c.cell_type, pl.String()) for c in columns}
    if dataset == "measures":
        schema["capped"] = pl.Boolean()
    return pl.DataFrame([{**SOUND[dataset], **row} for row in rows], schema=schema)


def found(dataset: str, *rows: Row) -> list[Violation]:
    return list(find_violations(DATASETS[dataset], typed(dataset, *rows)))


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_sample_of_a_dataset_has_the_promised_columns_in_their_order(dataset: str) -> None:
    with sample_path(dataset).open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file, delimiter=";"))
    assert header == HEADERS[dataset].split(" · ")
    assert [column.french for column in DATASETS[dataset].columns] == header


def test_every_sample_belongs_to_a_dataset() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == {f"{dataset}.csv" for dataset in DATASETS}


def test_every_sample_is_deposited_without_an_error(network: Network) -> None:
    for dataset in STORED_DATASETS:
        receipt = stored(network, sample_path(dataset).read_bytes())
        assert (receipt.dataset, receipt.rows_accepted) == (dataset, receipt.rows_read)
        assert receipt.rows_accepted > 0


def test_there_is_a_sound_row_of_every_dataset() -> None:
    assert set(SOUND) == set(DATASETS)


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_contract_has_nothing_against_a_sound_row(dataset: str) -> None:
    assert found(dataset, {}) == []


@pytest.mark.parametrize(("dataset", "row"), ACCEPTED)
def test_a_contract_has_nothing_against_what_is_at_the_edge(dataset: str, row: Row) -> None:
    assert found(dataset, row) == []


@pytest.mark.parametrize(("dataset", "code", "field", "row"), REFUSED)
def test_a_contract_refuses_what_it_names(dataset: str, code: str, field: str | None, row: Row) -> None:
    refused = found(dataset, {}, row, {})
    assert Violation(code, field, 1) in refused
    assert {violation.index for violation in refused} == {1}


def test_every_check_of_every_contract_is_refused_in_some_test() -> None:
    checks = {
        (name, check.name)
        for name, dataset in DATASETS.items()
        for holder in (dataset.contract, *dataset.contract.columns.values())
        for check in holder.checks
    }
    assert checks == {(dataset, code) for dataset, code, _, _ in REFUSED}


@pytest.mark.parametrize(("dataset", "field"), FILLED)
def test_a_contract_refuses_the_emptiness_of_a_cell_that_must_be_filled(dataset: str, field: str) -> None:
    assert found(dataset, {}, {field: None}) == [Violation("C01", field, 1)]


def test_a_contract_tells_every_broken_cell_of_every_row_at_once() -> None:
    broken = found("participation", {"present": 25}, {"hours": -1.0, "reference": None}, {}, {"present": None})
    assert sorted((violation.code, violation.index) for violation in broken) == [
        ("C01", 1),
        ("C01", 3),
        ("C06", 1),
        ("X01", 0),
    ]


def test_a_column_of_the_wrong_type_is_a_fault_of_ours_and_never_a_finding() -> None:
    with pytest.raises(SchemaErrors):
        list(
            find_violations(
                DATASETS["measures"], typed("measures", {}).with_columns(pl.col("numerator").cast(pl.String))
            )
        )


def test_a_column_that_was_forgotten_is_a_fault_of_ours_and_never_a_finding() -> None:
    with pytest.raises(SchemaErrors):
        list(find_violations(DATASETS["measures"], typed("measures", {}).drop("denominator")))


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_the_key_of_a_dataset_names_columns_it_requires_or_of_which_the_empty_cell_is_a_value(
    dataset: Any,
) -> None:
    columns = {column.name: column for column in dataset.columns}
    assert {name for name in dataset.key if not columns[name].non_empty} <= {"segment", "valid_from", "action"}


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_no_two_columns_of_a_dataset_answer_to_the_same_name(dataset: Any) -> None:
    names = [
        name for column in dataset.columns for name in {column.french, column.english, column.name, *column.synonyms}
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_a_closed_list_stands_in_every_column_of_words_and_in_no_other(dataset: Any) -> None:
    # Codes may have some that are known before anybody used them: their list is open.
    closed = [column for column in dataset.columns if column.cell_type is not CellType.CODE]
    assert all(bool(column.vocabulary) == (column.cell_type is CellType.WORD) for column in closed)


def test_a_finding_outside_the_closed_list_cannot_be_made() -> None:
    with pytest.raises(KeyError):
        Finding("C99", Severity.BLOCKING)


def test_a_finding_cannot_take_a_severity_that_its_code_does_not_have() -> None:
    assert SEVERITIES_BY_CODE["B04"] == (Severity.CONFIRM,)
    with pytest.raises(ValueError, match="B04"):
        Finding("B04", Severity.INFO)


def test_findings_of_one_cause_in_one_column_are_of_one_group() -> None:
    there = Finding("C03", Severity.BLOCKING, row=2, header="numerateur", value="abc")
    below = Finding("C03", Severity.BLOCKING, row=9, header="numerateur", value="douze")
    aside = Finding("C03", Severity.BLOCKING, row=2, header="denominateur", value="abc")
    assert there.group == below.group != aside.group
