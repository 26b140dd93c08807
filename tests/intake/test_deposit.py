"""A deposit: accepted, to confirm or refused, stored whole or not at all, replaced and withdrawn by others."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from dashboards.wording.finding_messages import message_sentence
from dashboards.wording.translations import load_translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.periods import Period
from indicators.errors import UnknownError
from indicators.intake.deposit import Accepted, Refused, ToConfirm
from indicators.intake.files_out.template import template_csv
from indicators.intake.validate import Verdict
from indicators.network import Network
from indicators.queries.deposits.export import export_rows, format_as_deposited
from indicators.queries.figures.figures import perimeter_figures
from indicators.snapshot import QueryContext
from indicators.store.deposits import list_receipts, new_deposit_id, read_content, withdraw
from schemas.datasets import DATASETS, STORED_DATASETS, sample_path
from tests.builders import (
    ACTIONS,
    AUTHOR,
    DIRECTORY,
    NOW,
    PARTICIPATION,
    TARGETS,
    Store,
    action,
    codes,
    deposit,
    examine,
    measure,
    measures,
    occasion,
    stored,
    structures,
    table,
)

ATELIER = "atelier-ternoise"
EXITS = {"dynamic_exit_rate": 33, "durable_job_exit_rate": 12, "transition_job_exit_rate": 12, "positive_exit_rate": 9}


def quarter(period: str = "2026-T1", **changed: int) -> bytes:
    """A quarter's exits of one structure."""
    return measures(*(measure(ATELIER, period, name, count, 60) for name, count in {**EXITS, **changed}.items()))


@pytest.fixture
def ready(directory_network: Network) -> Network:
    """A network that knows its structures."""
    return directory_network


def in_force(network: Network, *columns: str) -> list[tuple[Any, ...]]:
    with network.snapshot() as snapshot:
        return export_rows(snapshot, "measures").select(columns).rows()


def numerators(network: Network) -> dict[tuple[str, str], float]:
    rows = in_force(network, "indicateur", "periode", "segment", "numerateur")
    return {
        (indicator if segment == "ensemble" else segment, period): count for indicator, period, segment, count in rows
    }


# The three outcomes are values


def test_a_sound_file_is_accepted_whole_with_a_receipt(ready: Network) -> None:
    outcome = deposit(ready, quarter(), "t1.csv", author="qualité (fictif)")
    assert isinstance(outcome, Accepted)
    receipt = outcome.receipt
    assert (receipt.author, receipt.dataset, receipt.file_name) == ("qualité (fictif)", "measures", "t1.csv")
    assert (receipt.rows_read, receipt.rows_accepted, receipt.comment, receipt.withdraws) == (4, 4, None, None)
    assert receipt.sha256 == hashlib.sha256(quarter()).hexdigest()
    assert list_receipts(ready.lake)[0] == receipt
    assert read_content(ready.lake, receipt.deposit) == quarter()
    assert numerators(ready) == {(name, "2026-T1"): count for name, count in EXITS.items()}


def test_a_refused_file_stores_nothing(ready: Network) -> None:
    before = list_receipts(ready.lake)
    with ready.snapshot() as snapshot:
        version = snapshot.version
    sound_but_for_one = quarter() + f"{measure(ATELIER, '2026-T1', 'absenteeism_rate', 'beaucoup', 2000)}\n".encode()
    outcome = deposit(ready, sound_but_for_one, comment="je confirme quand même")
    assert isinstance(outcome, Refused)
    assert outcome.validation.verdict is Verdict.REFUSED
    assert isinstance(deposit(ready, b"%PDF-1.7", comment="je confirme quand même"), Refused)
    assert list_receipts(ready.lake) == before
    assert in_force(ready, "structure") == []
    with ready.snapshot() as snapshot:
        assert snapshot.version == version


def test_a_file_to_confirm_stores_nothing_without_a_comment(ready: Network) -> None:
    doubtful = measures(measure(ATELIER, "2026-T1", "dynamic_exit_rate", 33, 60, "52,0"))
    for comment in (None, "", "  \n"):
        outcome = deposit(ready, doubtful, comment=comment)
        assert isinstance(outcome, ToConfirm)
        assert outcome.validation.verdict is Verdict.TO_CONFIRM
    assert len(list_receipts(ready.lake)) == 1
    assert in_force(ready, "structure") == []


def test_the_comment_that_confirms_a_file_is_kept_with_it(ready: Network) -> None:
    doubtful = measures(measure(ATELIER, "2026-T1", "dynamic_exit_rate", 33, 60, "52,0"))
    outcome = deposit(ready, doubtful, comment="  taux de l’ancien logiciel ")
    assert isinstance(outcome, Accepted)
    assert outcome.receipt.comment == "taux de l’ancien logiciel"
    assert list_receipts(ready.lake)[0].comment == "taux de l’ancien logiciel"
    with ready.lake.cursor() as cursor:
        ((findings,),) = cursor.rows("select findings from lake.deposits where comment is not null")
    assert '"X02"' in str(findings)
    assert '"52,0"' in str(findings)


# Once, whatever is lost on the way


def test_the_same_id_given_twice_stores_once(ready: Network) -> None:
    deposit_id = new_deposit_id()
    first = deposit(ready, quarter(), deposit_id=deposit_id)
    again = deposit(ready, quarter(), deposit_id=deposit_id, author="quelqu’un d’autre (fictif)")
    assert isinstance(first, Accepted)
    assert isinstance(again, Accepted)
    assert again.receipt == first.receipt
    assert again.receipt.author == AUTHOR
    assert len(list_receipts(ready.lake)) == 2
    assert len(in_force(ready, "structure")) == 4


def test_two_ids_are_never_the_same() -> None:
    assert len({new_deposit_id() for _ in range(1_000)}) == 1_000


def test_deposits_come_in_the_order_they_were_made_even_if_the_clock_goes_back(ready: Network) -> None:
    stored(ready, quarter(dynamic_exit_rate=33), at=datetime.fromisoformat("2026-05-01T10:00"))
    former = datetime.fromisoformat("2020-01-01T10:00")
    stored(ready, quarter(durable_job_exit_rate=11, positive_exit_rate=10), comment="corrigé", at=former)
    assert numerators(ready)["durable_job_exit_rate", "2026-T1"] == 11
    kept = list_receipts(ready.lake)
    assert [receipt.sequence for receipt in kept] == [3, 2, 1]
    assert kept[0].submitted_at == former, "what the clock said is stored as it was said"
    assert kept[0].newer_moment == max(receipt.submitted_at for receipt in kept)
    assert [receipt.newer_moment for receipt in kept[2:]] == [None]


def test_a_clock_that_was_years_ahead_once_dates_no_later_deposit(ready: Network) -> None:
    ahead, now = datetime.fromisoformat("2099-01-01T10:00"), datetime.fromisoformat("2026-05-02T10:00")
    given = [measures(measure("atelier-ternoise", "2025-T3", "dynamic_exit_rate", n, 96)) for n in (30, 31, 32)]
    stored(ready, given[0], at=ahead)
    stored(ready, given[1], comment="corrigé", at=now)
    taken = stored(ready, given[2], comment="encore", at=now)
    assert numerators(ready)["dynamic_exit_rate", "2025-T3"] == 32
    assert (taken.submitted_at, taken.newer_moment) == (now, ahead)
    withdrawal = withdraw(ready.lake, taken.deposit, "doublon", AUTHOR, now)
    assert (withdrawal.submitted_at, withdrawal.newer_moment) == (now, ahead)
    assert numerators(ready)["dynamic_exit_rate", "2025-T3"] == 31


# What replaces what


def test_the_newest_row_of_a_structure_period_indicator_and_segment_is_in_force(ready: Network) -> None:
    stored(ready, quarter("2026-T1"))
    stored(ready, quarter("2026-T2"), comment="les mêmes comptes deux fois de suite")
    stored(ready, measures(measure("regie-ternoise", "2026-T1", "undocumented_exit_rate", 3, 60)))
    corrected = [measure(ATELIER, "2026-T1", name, count, 60) for name, count in (*EXITS.items(),)[:2]]
    corrected = [line.replace(";33;", ";34;").replace(";12;", ";13;") for line in corrected]
    stored(ready, measures(*corrected), comment="une sortie retrouvée")
    found = numerators(ready)
    assert found["dynamic_exit_rate", "2026-T1"] == 34
    assert found["durable_job_exit_rate", "2026-T1"] == 13
    assert found["transition_job_exit_rate", "2026-T1"] == 12, "what the correction does not hold stays"
    assert found["dynamic_exit_rate", "2026-T2"] == 33, "another period stays"
    assert found["undocumented_exit_rate", "2026-T1"] == 3, "another structure stays"
    assert len(found) == 9


def test_a_correction_replaces_the_segments_that_it_holds(ready: Network) -> None:
    whole = measure(ATELIER, "2026-T1", "dynamic_exit_rate", 33, 60)
    women = measure(ATELIER, "2026-T1", "dynamic_exit_rate", 13, 20, segment="sexe=F")
    men = measure(ATELIER, "2026-T1", "dynamic_exit_rate", 20, 40, segment="sexe=H")
    stored(ready, measures(whole, women, men))
    assert len(in_force(ready, "segment")) == 3
    stored(ready, measures(whole.replace("33;60", "34;60"), women.replace("13;", "14;")), comment="corrigé")
    assert numerators(ready) == {
        ("dynamic_exit_rate", "2026-T1"): 34,
        ("sexe=F", "2026-T1"): 14,
        ("sexe=H", "2026-T1"): 20,
    }


def test_a_figure_in_force_goes_only_by_an_absence_for_which_a_reason_is_given(ready: Network) -> None:
    stored(ready, measures(measure(ATELIER, "2026-T1", "dynamic_exit_rate", 33, 60)))
    for cells in (("NC", ""), ("", "", "s.o.")):
        gone = measures(measure(ATELIER, "2026-T1", "dynamic_exit_rate", *cells))
        outcome = deposit(ready, gone)
        assert isinstance(outcome, ToConfirm)
        (finding,) = (f for f in outcome.validation.findings if f.code == "B04")
        assert (finding.row, finding.column) == (2, "D" if cells[0] else "F")
        assert (finding.values["former"], finding.values["former_denominator"]) == (33, 60)
        assert numerators(ready) == {("dynamic_exit_rate", "2026-T1"): 33}
        assert "33 / 60" in message_sentence(finding, load_translator("fr"))
    stored(ready, gone, comment="chiffre douteux")
    assert numerators(ready) == {("dynamic_exit_rate", "2026-T1"): None}


def test_a_row_of_a_register_a_structure_and_a_target_are_in_force_as_last_deposited(ready: Network) -> None:
    stored(ready, table(ACTIONS, action("A-1"), action("A-2")))
    closed = action("A-1", done="2026-02-01", verified="2026-03-01", verdict="100", status="close")
    stored(ready, table(ACTIONS, closed, action("A-1", structure="regie-ternoise")))
    moved = structures(DIRECTORY[0].replace("normandie", "bretagne"))
    assert isinstance(deposit(ready, moved, period="2026-T1", comment="déménagement"), Accepted)
    first, second = (f"reseau;dynamic_exit_rate;2026-T{number};;60;interne;" for number in (1, 2))
    stored(ready, table(TARGETS, first, second))
    stored(ready, table(TARGETS, first.replace("T1;;60", "T1;2026-T1;58")))
    with ready.snapshot() as snapshot:
        rows = export_rows(snapshot, "actions").select("structure", "reference", "statut", "efficacite").rows()
        targets = sorted((target.starts.code, target.value) for target in snapshot.targets)
        assert snapshot.structures[ATELIER].region == "bretagne"
        assert len(snapshot.structures) == len(DIRECTORY)
    assert targets == [("2026-T1", 58), ("2026-T2", 60)]
    assert rows == [
        (ATELIER, "A-1", "close", 100),
        (ATELIER, "A-2", "ouverte", None),
        ("regie-ternoise", "A-1", "ouverte", None),
    ]


# Withdrawn


def test_a_withdrawal_puts_back_in_force_what_the_deposit_had_replaced(ready: Network) -> None:
    stored(ready, quarter())
    wrong = stored(ready, quarter(durable_job_exit_rate=11, positive_exit_rate=10), comment="corrigé")
    receipt = withdraw(ready.lake, wrong.deposit, "mauvais fichier", "direction (fictif)", NOW)
    assert (receipt.withdraws, receipt.comment, receipt.author) == (
        wrong.deposit,
        "mauvais fichier",
        "direction (fictif)",
    )
    assert numerators(ready) == {(name, "2026-T1"): count for name, count in EXITS.items()}
    assert [r.deposit for r in list_receipts(ready.lake)][:2] == [receipt.deposit, wrong.deposit]
    assert read_content(ready.lake, wrong.deposit), "its bytes are kept"


def test_the_withdrawal_of_an_only_deposit_leaves_nothing_in_force(ready: Network) -> None:
    only = stored(ready, quarter())
    withdraw(ready.lake, only.deposit, "trop tôt", AUTHOR, NOW)
    assert in_force(ready, "structure") == []
    assert codes(examine(ready, quarter())) == [], "neither a change of value nor a file already deposited"
    stored(ready, quarter())
    assert len(in_force(ready, "structure")) == 4


def test_what_does_not_exist_or_is_already_withdrawn_cannot_be_withdrawn(ready: Network) -> None:
    only = stored(ready, quarter())
    receipt = withdraw(ready.lake, only.deposit, "trop tôt", AUTHOR, NOW)
    before = list_receipts(ready.lake)
    for name in (only.deposit, receipt.deposit, "nulle-part", ""):
        with pytest.raises(UnknownError, match="unknown deposit"):
            withdraw(ready.lake, name, "encore", AUTHOR, NOW)
    assert list_receipts(ready.lake) == before
    with pytest.raises(UnknownError, match="unknown deposit: nulle-part"):
        read_content(ready.lake, "nulle-part")


# Registers


def derived(network: Network, indicator: str, structure: str = ATELIER) -> dict[str, tuple[float, float | None]]:
    with network.snapshot() as snapshot:
        where, sheet = snapshot.structures.parse_perimeter(structure), snapshot.catalogue[indicator]
        found = perimeter_figures(
            QueryContext(snapshot, Audience.MANAGEMENT, date.max), where, [sheet], date.min, date.max
        ).rows
        return {row["period"]: (row["numerator"], row["denominator"]) for row in found.iter_rows(named=True)}


def test_what_is_reported_of_a_derived_indicator_gives_way_to_the_register(ready: Network) -> None:
    reported = [
        measure(ATELIER, "2025-T4", "corrective_preventive_actions_total", 40),
        measure(ATELIER, "2026-T1", "corrective_preventive_actions_total", 50),
        measure("regie-ternoise", "2026-T1", "corrective_preventive_actions_total", 7),
    ]
    stored(ready, measures(*reported))
    assert derived(ready, "corrective_preventive_actions_total")["2026-T1"] == (50, None)
    register = stored(ready, table(ACTIONS, action("A-1", opened="2026-01-10"), action("A-2", opened="2026-02-10")))
    assert derived(ready, "corrective_preventive_actions_total") == {"2026-T1": (2, None)}
    assert derived(ready, "corrective_preventive_actions_total", "regie-ternoise") == {"2026-T1": (7, None)}
    withdraw(ready.lake, register.deposit, "registre d’essai", AUTHOR, NOW)
    assert derived(ready, "corrective_preventive_actions_total")["2026-T1"] == (50, None)


def test_a_register_of_one_kind_does_not_silence_what_another_would_count(ready: Network) -> None:
    stored(ready, measures(measure(ATELIER, "2026-T1", "psve_actions", 4)))
    stored(ready, table(ACTIONS, action("A-1", opened="2026-01-10")))
    assert derived(ready, "psve_actions") == {"2026-T1": (4, None)}
    stored(ready, table(PARTICIPATION, occasion("PA-1", "2026-02-01", 12)))
    assert derived(ready, "psve_actions") == {"2026-T1": (1, None)}


# What goes out comes in again


def test_a_template_once_filled_is_accepted_without_a_word(ready: Network) -> None:
    for structure, period in ((ATELIER, "2026-T1"), ("ecole-valbrune", "2026-T3"), ("aide-valbrune", "2026-T2")):
        with ready.snapshot() as snapshot:
            member, quarter_ = snapshot.structures[structure], Period.parse(period)
            text = template_csv(snapshot, "measures", member, quarter_)
            expected = {
                sheet.id
                for sheet in snapshot.catalogue
                if sheet.source == "reported"
                and sheet.applies_to(member.kind)
                and quarter_.start <= Period.latest_ended(quarter_.end, sheet.frequency).end
            }
            divided = {sheet.id for sheet in snapshot.catalogue if sheet.denominator_required}
        header, *rows = [line.split(";") for line in text.splitlines()]
        assert header == [column.french for column in DATASETS["measures"].columns]
        assert {row[2] for row in rows} == expected
        assert len(rows) == len(expected) > 1
        parts = {"durable_job_exit_rate", "transition_job_exit_rate", "positive_exit_rate"}
        for row in rows:
            row[3] = "10" if row[2] in parts else "30"
            row[4] = "60" if row[2] in divided else ""
        empty = examine(ready, text.encode(), period=period, structure=structure)
        assert codes(empty) == ["C01"], "the template as it is, not filled"
        filled = "\n".join(map(";".join, [header, *rows])).encode()
        outcome = deposit(ready, filled, period=period, structure=structure)
        assert isinstance(outcome, Accepted), codes(outcome.validation)
        assert outcome.validation.findings == ()
        assert outcome.receipt.rows_accepted == len(rows)


@pytest.mark.parametrize("dataset", [name for name in DATASETS if name != "measures"])
def test_the_template_of_another_dataset_is_its_sample(directory: Network, dataset: str) -> None:
    with directory.snapshot() as snapshot:
        text = template_csv(snapshot, dataset, None, None)
    assert text.splitlines()[0].split(";") == [column.french for column in DATASETS[dataset].columns]
    assert len(text.splitlines()) > 1


def fill(network: Network) -> None:
    """Deposit some of everything, absences, segments and awkward texts included."""
    rows = [measure(ATELIER, "2026-T1", name, count, 60, comment="relu ; corrigé") for name, count in EXITS.items()]
    rows += [
        measure(ATELIER, "2026-T1", "absenteeism_rate", "NC", "NC", "NC"),
        measure(ATELIER, "2026-T1", "fte_realised", "1505,25", "1 820"),
        measure(ATELIER, "2026-T1", "contracted_fte_rate", "s.o."),
        measure(ATELIER, "2025", "women_share", "", "", "48,7"),
        measure(ATELIER, "2026-T1", "undocumented_exit_rate", 6, 60),
        measure(ATELIER, "2026-T1", "undocumented_exit_rate", 3, 20, segment="sexe=F", comment='"deux\nlignes"'),
    ]
    rows[:4] = [row.replace("relu ; corrigé", '"relu ; corrigé"') for row in rows[:4]]
    stored(network, measures(*rows))
    done = action(
        "A-2",
        "prioritaire",
        due="2026-02-01",
        done="2026-02-02",
        verified="2026-03-01",
        verdict="50",
        status="verifiee",
    )
    stored(network, table(ACTIONS, action("A-1"), done))
    stored(network, table(PARTICIPATION, occasion("PA-1", "2026-02-01", 12, 7, 20, "assemblee_generale")))
    for name in ("corps", "instances", "plan", "demandes"):
        sample = sample_path(name).read_text(encoding="utf-8")
        content = sample.replace("atelier-exemple", "atelier-ternoise").replace("AC-2026-014", "A-1")
        stored(network, content.encode())
    stored(network, table(TARGETS, "region:normandie;dynamic_exit_rate;2026-T1;;-2,5;convention;2026-01-10"))


def everything(network: Network) -> dict[str, pl.DataFrame]:
    with network.snapshot() as snapshot:
        return {dataset: export_rows(snapshot, dataset) for dataset in STORED_DATASETS}


def test_what_comes_out_in_csv_goes_in_again_without_a_change(ready: Network) -> None:
    fill(ready)
    before = everything(ready)
    for dataset, rows in before.items():
        outcome = deposit(ready, format_as_deposited(rows).write_csv(separator=";").encode())
        assert isinstance(outcome, Accepted), (
            dataset,
            [(f.code, f.row, f.value) for f in outcome.validation.findings],
        )
        assert {finding.code for finding in outcome.validation.findings} <= {"C02", "F11"}
        assert outcome.receipt.rows_accepted == rows.height > 0
    for dataset, rows in everything(ready).items():
        assert rows.equals(before[dataset]), dataset


def test_a_text_neutralised_on_its_way_out_is_itself_again_on_its_way_in(ready: Network) -> None:
    texts = ["'cité'", "+33", "- relu", "=1+1", "@accueil"]
    stored(ready, table(ACTIONS, *map(action, texts)))
    before = everything(ready)["actions"]
    written = format_as_deposited(before)
    assert sorted(written["reference"]) == ["'+33", "'- relu", "'=1+1", "'@accueil", "'cité'"]
    stored(ready, written.write_csv(separator=";").encode())
    after = everything(ready)["actions"]
    assert sorted(after["reference"]) == sorted(texts), "as many actions, not twice as many"
    assert after.equals(before)


def test_a_number_of_three_decimals_comes_out_so_that_it_can_go_in_again(ready: Network) -> None:
    stored(ready, measures(measure(ATELIER, "2026-T1", "fte_realised", "12,3450", "1820")))
    before = everything(ready)["measures"]
    assert before["numerateur"].to_list() == [12.345]
    outcome = deposit(ready, format_as_deposited(before).write_csv(separator=";").encode())
    assert isinstance(outcome, Accepted), [(f.code, f.value) for f in outcome.validation.findings]
    assert everything(ready)["measures"].equals(before)


def test_another_process_sees_what_was_deposited(ready: Network, store: Store) -> None:
    fill(ready)
    with store.open() as elsewhere:
        assert everything(elsewhere)["measures"].equals(everything(ready)["measures"])
        assert not everything(elsewhere)["measures"].is_empty()
        assert [r.deposit for r in list_receipts(elsewhere.lake)] == [r.deposit for r in list_receipts(ready.lake)]
