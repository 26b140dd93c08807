"""The funnel as it is sent: what it draws, what it says, how much it weighs."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from dashboards.charts.funnel import MAX_DETAILED_POINTS, funnel_chart, funnel_title
from dashboards.wording.translations import load_translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.periods import Period
from indicators.judgement.funnel import compute_funnel
from indicators.queries.comparison.funnel_comparison import Comparison, compare_structures
from indicators.queries.comparison.scope import ComparisonScope
from indicators.snapshot import QueryContext

if TYPE_CHECKING:
    from indicators.definitions.catalogue import Indicator
    from indicators.network import Network

QUARTER = Period.parse("2026-T3")
HEAVIEST = 400_000


def made(indicator: Indicator, counts: list[tuple[str, int, int]]) -> Comparison:
    """Compare counts made for a test."""
    given = pl.DataFrame(counts, schema=["structure", "numerator", "denominator"], orient="row")
    drawn = compute_funnel(given)
    points = drawn.points.select("structure", pl.col("verdict", "side", "widened").cast(pl.String))
    rows = given.with_columns(value=pl.col("numerator") / pl.col("denominator") * 100, status=pl.lit("ok"))
    return Comparison(indicator, QUARTER, drawn, rows.join(points, on="structure", how="left"), drawn.excluded)


def spec(compared: Comparison, language: str = "fr", chosen: str | None = None) -> dict[str, Any]:
    names = {structure: f"{structure} (fictif)" for structure in compared.rows["structure"]}
    drawn = funnel_chart(compared, names, load_translator(language), name="ensemble du réseau", selected=chosen)
    return drawn.to_dict()  # validated against Vega-Lite's own schema


@pytest.fixture
def exits(directory: Network) -> Indicator:
    return directory.catalogue["dynamic_exit_rate"]


def test_four_thousand_points_weigh_less_than_400_kb(exits: Indicator) -> None:
    counts = [(f"structure-numero-{n:04d}", 20 + n % 30, 40 + n % 50) for n in range(4_000)]
    drawn = spec(made(exits, counts))
    sent = json.dumps(drawn, ensure_ascii=False).encode()
    assert 100_000 < len(sent) < HEAVIEST
    assert drawn["usermeta"]["embedOptions"]["renderer"] == "canvas"
    assert "usermeta" not in spec(made(exits, counts[:MAX_DETAILED_POINTS])), (
        "fewer are elements that a screen reader finds"
    )


def test_signals_are_named_and_the_structure_looked_for_too(exits: Indicator) -> None:
    counts = [(f"s{n}", 25 + n % 4, 50) for n in range(30)]
    drawn = spec(made(exits, [*counts, ("basse", 3, 50)]), chosen="s7")
    texts = {
        row["s"]
        for name, data in drawn["datasets"].items()
        for row in data
        if set(row) == {"n", "x", "y", "k", "s", "id"}
    }
    assert texts == {"basse (fictif)", "s7 (fictif)"}
    assert all("id" not in row for data in drawn["datasets"].values() for row in data if len(data) == 31)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_title_and_alternative_text_say_how_many_stand_apart(exits: Indicator, language: str) -> None:
    counts = [(f"s{n}", 25 + n % 4, 50) for n in range(30)]
    calm, one = made(exits, counts), made(exits, [*counts, ("basse", 3, 50)])
    speak = load_translator(language)
    assert re.search("aucune structure|no structure", funnel_title(calm, speak, "réseau"))
    assert re.search("1 structure ", funnel_title(one, speak, "réseau"))
    description = spec(one, language)["description"]
    assert re.search(r"Signa(ux|ls)\s?: 1\.", description)
    assert ("52" in description) or ("51" in description)


def test_a_shape_tells_what_a_colour_does(exits: Indicator) -> None:
    drawn = spec(made(exits, [(f"s{n}", 25, 50) for n in range(12)]))
    shapes = [layer["encoding"]["shape"] for layer in drawn["layer"] if "shape" in layer.get("encoding", {})]
    assert [dict(zip(s["scale"]["domain"], s["scale"]["range"], strict=True))["s"] for s in shapes] == ["square"]


def test_nothing_is_drawn_of_nobody(exits: Indicator) -> None:
    with pytest.raises(ValueError, match="nobody"):
        spec(made(exits, [("alone", 25, 50)]))


def test_the_demo_network_is_drawn_as_it_is_compared(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        sheet = snapshot.catalogue["dynamic_exit_rate"]
        found = compare_structures(
            QueryContext(snapshot, Audience.NETWORK, date(2026, 11, 24)), ComparisonScope(), sheet, QUARTER
        )
    drawn = spec(found)
    points = next(data for data in drawn["datasets"].values() if data and set(data[0]) == {"n", "x", "y", "k", "s"})
    assert len(points) == found.plotted_rows.height


def test_more_points_than_altair_sends_by_itself_are_sent(exits: Indicator) -> None:
    counts = [(f"s{n:04d}", 20 + n % 30, 40 + n % 50) for n in range(6_000)]
    drawn = spec(made(exits, counts))
    assert max(len(rows) for rows in drawn["datasets"].values()) == 6_000


def test_lines_are_named_at_their_end_and_bands_are_drawn_only_of_a_widened_funnel(exits: Indicator) -> None:
    calm = spec(made(exits, [(f"s{n}", 25 + n % 4, 50) for n in range(30)]))
    apart = spec(made(exits, [(f"s{n}", 15 + 20 * (n % 2), 50) for n in range(30)]))

    def ends(drawn: dict[str, Any]) -> set[str]:
        return {row["t"] for data in drawn["datasets"].values() for row in data if set(row) == {"n", "y", "t", "c"}}

    def bands(drawn: dict[str, Any]) -> int:
        return sum(layer["mark"]["type"] == "area" for layer in drawn["layer"])

    assert {name.replace("\u00a0", " ") for name in ends(calm)} == {"ensemble 52,9 %", "95 %", "99,8 %"}
    assert bands(calm) == 0
    assert bands(apart) == 2
    assert any("élargi" in name for name in ends(apart))
