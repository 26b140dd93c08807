"""A choice of structures is the sum of what each of them shows: no choice, and no two of them, tell anything else.

The network has structures whose figures are withheld for their few people; what is changed of those, as long as it
stays withheld, changes no choice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import combinations
from math import fsum
from pathlib import Path
from typing import Any, Final

import pytest
from polars.testing import assert_frame_equal

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period, Window
from indicators.disclosure import CountsOfPerimeter, CountsOfStructures, RequestedSpans, publication, publishable
from indicators.network import Network
from indicators.queries.figures.figures import of_same_structures, perimeter_figures
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext, Snapshot
from tests.builders import measure, measures, stored, structure, structures

PUBLIC, MANAGEMENT = Audience.PUBLIC, Audience.MANAGEMENT
EXITS, HOURS, FTE = "durable_job_exit_rate", "absenteeism_rate", "fte_realised"
CODES: Final = tuple(f"atelier-{n}" for n in range(6))
QUARTERS: Final = ("2026-T1", "2026-T2", "2026-T3")
Rows = Mapping[tuple[str, str], Mapping[str, Any]]


def few(n: int, place: int) -> int:
    """Return the cases of a structure in a quarter: few enough to be withheld in two structures of six, in turn."""
    return 2 if (n + place) % 3 == 0 else 20 + n


def fill(network: Network, *, hidden: Callable[[int, int], int] = few) -> None:
    regions = ("normandie", "bretagne", "occitanie")
    stored(network, structures(*(structure(code, region=regions[n % 3]) for n, code in enumerate(CODES))))
    rows = [
        line
        for n, code in enumerate(CODES)
        for place, quarter in enumerate(QUARTERS)
        for line in (
            measure(code, quarter, EXITS, hidden(n, place), 60 + n),
            measure(code, quarter, HOURS, 500 + 10 * n, 9_000 + n),
            measure(code, quarter, FTE, 9_100 + 91 * n, 455 if n % 2 else 401.75),
        )
    ]
    stored(network, measures(*rows, measure(CODES[5], "2025", "women_share", value="41,5")), comment="essai")


def rows_of(snapshot: Snapshot, perimeter: Perimeter, audience: Audience = PUBLIC) -> Rows:
    sheets = snapshot.catalogue.visible_to(audience)
    context = QueryContext(snapshot, audience, date(2026, 11, 24))
    figures = perimeter_figures(context, perimeter, sheets, date.min, date.max).rows
    return {(row["indicator"], row["period"]): row for row in figures.iter_rows(named=True)}


def of_each(snapshot: Snapshot, codes: Sequence[str], audience: Audience = PUBLIC) -> dict[str, Rows]:
    return {code: rows_of(snapshot, Perimeter(Level.STRUCTURE, code), audience) for code in codes}


def naive_sum(each: Mapping[str, Rows], codes: Sequence[str]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Add up in plain loops what structures show: numerator, denominator, the sum of the values, who is in it."""
    parts: dict[tuple[str, str], list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for code in sorted(codes):
        for key, row in each[code].items():
            if row["status"] == "ok" and row["numerator"] is not None:
                parts[key].append((code, row))
    return {
        key: (
            fsum(row["numerator"] for _, row in rows),
            fsum(row["denominator"] or 0 for _, row in rows),
            fsum(row["value"] for _, row in rows),
            [code for code, _ in rows],
        )
        for key, rows in parts.items()
    }


def test_a_choice_is_the_sum_of_what_its_structures_show(network: Network) -> None:
    fill(network)
    with network.snapshot() as snapshot:
        for audience in (PUBLIC, MANAGEMENT):
            each = of_each(snapshot, CODES, audience)
            for size in (2, 3, 6):
                for codes in combinations(CODES, size):
                    found = rows_of(snapshot, Perimeter.of_choice(codes), audience)
                    expected = naive_sum(each, codes)
                    assert {key for key, row in found.items() if row["value"] is not None} == expected.keys()
                    for key, (numerator, denominator, values, made_of) in expected.items():
                        row = found[key]
                        assert row["numerator"] == pytest.approx(numerator)
                        assert (row["denominator"] or 0) == pytest.approx(denominator)
                        sheet = snapshot.catalogue[key[0]]
                        ratio = numerator / denominator * sheet.scale
                        assert row["value"] == pytest.approx(ratio if sheet.aggregation == "ratio" else values)
                        assert row["made_of"] == made_of
                        assert row["contributors"] == len(made_of)


def test_what_is_withheld_of_a_structure_changes_no_choice_of_it(network: Network, tmp_path: Path) -> None:
    fill(network)
    with Network(str(tmp_path / "other")) as other:
        fill(other, hidden=lambda n, place: 3 if few(n, place) == 2 else few(n, place))
        with network.snapshot() as one, other.snapshot() as two:
            statuses = [
                [row["status"] for row in rows.values()] for s in (one, two) for rows in of_each(s, CODES).values()
            ]
            assert statuses[: len(CODES)] == statuses[len(CODES) :], "the same is withheld"
            assert any("withheld" in each for each in statuses)
            for size in (2, 3, 5, 6):
                for codes in combinations(CODES, size):
                    choice = Perimeter.of_choice(codes)
                    assert rows_of(one, choice) == rows_of(two, choice), codes
            spans = {
                EXITS: [Period.parse("2026-S1"), Window(Period.parse("2026-T3"), 2)],
                HOURS: [Period.parse("2026-S1")],
            }
            sums = [
                publishable(CountsOfPerimeter(s, Perimeter.of_choice(CODES)), RequestedSpans(spans), PUBLIC).rows
                for s in (one, two)
            ]
            assert_frame_equal(*sums)


def test_a_choice_less_another_is_a_structure_only_where_that_structure_is_shown(network: Network) -> None:
    fill(network)
    with network.snapshot() as snapshot:
        each = of_each(snapshot, CODES)
        for codes in combinations(CODES, 3):
            whole = rows_of(snapshot, Perimeter.of_choice(codes))
            for left_out in codes:
                rest = rows_of(snapshot, Perimeter.of_choice(code for code in codes if code != left_out))
                for quarter in QUARTERS:
                    key, own = (EXITS, quarter), each[left_out][EXITS, quarter]
                    before, after = (rows.get(key, {}).get("numerator") or 0 for rows in (whole, rest))
                    assert before - after == (own["numerator"] if own["status"] == "ok" else 0)


def test_a_choice_of_which_all_is_withheld_says_so_and_one_of_stated_rates_has_none(network: Network) -> None:
    fill(network)
    with network.snapshot() as snapshot:
        both = rows_of(snapshot, Perimeter.of_choice(("atelier-0", "atelier-3")))[EXITS, "2026-T1"]
        assert (both["status"], both["numerator"], both["value"], both["contributors"]) == ("withheld", None, None, 0)
        stated = rows_of(snapshot, Perimeter.of_choice(("atelier-4", "atelier-5")), MANAGEMENT)["women_share", "2025"]
        assert (stated["status"], stated["value"]) == ("missing", None)


def test_a_choice_of_everybody_is_the_network_where_nothing_is_withheld(network: Network) -> None:
    fill(network)
    with network.snapshot() as snapshot:
        chosen, whole = rows_of(snapshot, Perimeter.of_choice(CODES)), rows_of(snapshot, Perimeter(Level.NETWORK))
        for indicator in (HOURS, FTE):
            for quarter in QUARTERS:
                one, other = chosen[indicator, quarter], whole[indicator, quarter]
                for name in ("numerator", "denominator", "value", "contributors", "largest_share", "status"):
                    assert one[name] == pytest.approx(other[name]), (indicator, name)


def test_a_register_takes_the_place_of_what_others_declare_as_in_any_total(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        codes = ("atelier-du-canal", "batisseurs-des-trois-rives", "interim-des-trois-rives")
        derived = {sheet.id for sheet in snapshot.catalogue if sheet.source == "derived"}
        chosen = rows_of(snapshot, Perimeter.of_choice(codes), MANAGEMENT)
        group = "groupe:groupe-des-trois-rives-fictif"
        members = snapshot.structures.members(Perimeter.parse(group))
        whole = rows_of(snapshot, Perimeter.parse(group), MANAGEMENT)
        everyone = rows_of(snapshot, Perimeter.of_choice(members), MANAGEMENT)
        counted = [key for key, row in chosen.items() if key[0] in derived and row["from_register"]]
        assert counted
        for key in (key for key in whole if key[0] in derived and whole[key]["value"] is not None):
            assert everyone[key]["numerator"] == pytest.approx(whole[key]["numerator"]), key


def test_figures_of_a_choice_made_of_others_are_not_compared(network: Network) -> None:
    fill(network)
    with network.snapshot() as snapshot:
        context = QueryContext(snapshot, PUBLIC, date(2026, 11, 24))
        choice = Perimeter.of_choice(("atelier-0", "atelier-1", "atelier-2"))
        made_of = [rows_of(snapshot, choice)[EXITS, quarter]["made_of"] for quarter in QUARTERS]
        assert len({*map(tuple, made_of)}) > 1, "not always the same ones are withheld"
        series = read_series(context, choice, snapshot.catalogue[EXITS])
        assert [figure.not_added_up for figure in series] == [
            None if one == made_of[-1] else "others" for one in made_of
        ]
        hours = read_series(context, choice, snapshot.catalogue[HOURS])
        assert [figure.not_added_up for figure in hours] == [None, None, None]
        region = read_series(context, Perimeter(Level.NETWORK), snapshot.catalogue[HOURS])
        assert of_same_structures(region) == region


def test_no_total_of_its_own_is_asked_for_a_choice(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts of a choice are those of its structures, one by one: no sum of raw counts is made."""
    fill(network)
    sources: list[object] = []
    controlled = publication._controlled

    def note(counts: object, *rest: Any) -> Any:
        sources.append(counts)
        return controlled(counts, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(publication, "_controlled", note)
    with network.snapshot() as snapshot:
        rows_of(snapshot, Perimeter.of_choice(CODES[:3]))
    assert sources
    assert all(isinstance(source, CountsOfStructures) for source in sources)
