"""A threshold is declared in a file; whoever sees a figure beyond it is alerted, and nobody else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.thresholds import read_thresholds
from indicators.errors import CatalogueError
from indicators.network import DATA_FOLDER, Network
from indicators.queries.figures.threshold_alerts import find_alerts, find_structure_alerts
from indicators.snapshot import QueryContext
from tests.builders import TODAY, measure, measures, stored, structure, structures

HEADER: Final = "niveau;type;indicateur;mesure;comparaison;valeur;phrase_fr;phrase_en;phrase_nl;source"
WORDS: Final = "Une règle.;A rule.;;une règle"
ABSENCE, EXITS, ACTIONS = "absenteeism_rate", "durable_job_exit_rate", "action_on_time_rate"
QUARTER: Final = Period.parse("2026-T3")
PUBLIC, MANAGEMENT = Audience.PUBLIC, Audience.MANAGEMENT


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Four structures; limits of absence for structures of a kind and for regions, and one of lasting exits."""
    folder = tmp_path_factory.mktemp("thresholds")
    shutil.copytree(DATA_FOLDER, folder / "data", ignore=shutil.ignore_patterns("demo"))
    rows = (
        f"structure;ACI;{ABSENCE};valeur;au_plus;10;{WORDS}",
        f"structure;;{EXITS};numerateur;au_moins;15;{WORDS}",
        f"region;;{ABSENCE};valeur;au_plus;9;{WORDS}",
        f"reseau;;{ABSENCE};denominateur;au_plus;39999,5;{WORDS}",
        f"structure;;{ACTIONS};valeur;au_moins;80;{WORDS}",
    )
    (folder / "data/reference/thresholds.csv").write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    with Network(str(folder / "store"), reference=folder / "data") as network:
        stored(
            network,
            structures(
                structure("un"), structure("deux"), structure("trois", "EI"), structure("quatre", region="bretagne")
            ),
        )
        absence = {"un": 900, "deux": 1_000, "trois": 1_500, "quatre": 1_001}
        stored(
            network,
            measures(
                *(measure(code, "2026-T3", ABSENCE, hours, 10_000) for code, hours in absence.items()),
                measure("un", "2026-T3", EXITS, 14, 60),
                measure("deux", "2026-T3", EXITS, 15, 60),
                measure("trois", "2026-T3", EXITS, 3, 60),
                measure("quatre", "2026-T3", EXITS, 30, 60),
                measure("un", "2026-T3", ACTIONS, 7, 10),
            ),
        )
        yield network


def alerts(
    network: Network, perimeter: str, audience: Audience = PUBLIC, quarter: Period = QUARTER
) -> set[tuple[str, float]]:
    with network.snapshot() as snapshot:
        context = QueryContext(snapshot, audience, TODAY)
        return {
            (alert.indicator.id, round(alert.amount, 3))
            for alert in find_alerts(context, Perimeter.parse(perimeter), quarter)
        }


def test_a_figure_beyond_its_threshold_is_an_alert_and_one_at_it_is_none(limited: Network) -> None:
    assert alerts(limited, "un") == {(EXITS, 14)}
    assert alerts(limited, "deux") == set()
    assert alerts(limited, "quatre") == {(ABSENCE, 10.01)}


def test_a_threshold_of_a_kind_is_for_no_other_and_that_of_a_level_for_no_other(limited: Network) -> None:
    assert ABSENCE not in {name for name, _ in alerts(limited, "trois", MANAGEMENT)}
    assert alerts(limited, "region:normandie") == {(ABSENCE, 11.333)}
    assert alerts(limited, "reseau") == {(ABSENCE, 40_000)}
    for other in ("type:ACI", "choix:un,quatre"):
        assert alerts(limited, other, MANAGEMENT) == set()


def test_of_a_figure_that_is_withheld_or_not_public_there_is_no_alert(limited: Network) -> None:
    assert alerts(limited, "trois") == set(), "three people are withheld"
    assert alerts(limited, "trois", MANAGEMENT) == {(EXITS, 3)}
    assert ACTIONS not in {name for name, _ in alerts(limited, "un")}
    assert (ACTIONS, 70) in alerts(limited, "un", MANAGEMENT)


def test_structures_side_by_side_have_the_alerts_that_each_has_alone(limited: Network) -> None:
    with limited.snapshot() as snapshot:
        for audience in Audience:
            context = QueryContext(snapshot, audience, TODAY)
            codes = list(snapshot.structures.by_id)
            together = {
                (a.perimeter.code, a.indicator.id, a.amount) for a in find_structure_alerts(context, codes, QUARTER)
            }
            apart = {
                (code, alert.indicator.id, alert.amount)
                for code in codes
                for alert in find_alerts(context, Perimeter.parse(code), QUARTER)
            }
            assert together == apart


def test_a_quarter_without_figures_has_no_alerts(limited: Network) -> None:
    assert alerts(limited, "un", MANAGEMENT, Period.parse("2025-T3")) == set()
    assert alerts(limited, NETWORK.code, MANAGEMENT, Period.parse("2025-T3")) == set()


def test_the_limit_of_fifty_full_time_equivalents_ships_and_the_demonstration_is_beyond_it(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        context = QueryContext(snapshot, MANAGEMENT, date(2026, 11, 24))
        alerts = find_structure_alerts(context, list(snapshot.structures.by_id), QUARTER)
        amounts = {alert.perimeter.name: alert.amount for alert in alerts}
        assert amounts["construction-des-quatre-clochers"] == 66.3
        assert {snapshot.structures[code].kind for code in amounts} == {"EIW"}
        assert all(amount > alert.threshold.value == 50 for alert, amount in zip(alerts, amounts.values(), strict=True))
        public = QueryContext(snapshot, PUBLIC, date(2026, 11, 24))
        assert find_structure_alerts(public, list(snapshot.structures.by_id), QUARTER) == []


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f"structure;;no_such;valeur;au_plus;10;{WORDS}", "unknown indicator"),
        (f"structure;ECO;{EXITS};valeur;au_plus;10;{WORDS}", "type: ECO does not report"),
        (
            f"structure;;corrective_preventive_actions_total;denominateur;au_plus;10;{WORDS}",
            "mesure: .* no denominator",
        ),
        (f"structure;;{EXITS};valeur;au_plus;beaucoup;{WORDS}", "valeur: beaucoup is not a number"),
        (f"structure;;{EXITS};valeur;au_plus;inf;{WORDS}", "valeur: inf is not a number"),
    ],
)
def test_what_a_threshold_cannot_be_is_refused_by_file_and_line(
    limited: Network, tmp_path: Path, row: str, why: str
) -> None:
    path = tmp_path / "thresholds.csv"
    path.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=f"line 2: {why}"):
        read_thresholds(path, limited.catalogue)
