"""What is drawn beside a series: peers, new bases, actions, notes, special causes named at their points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest

from dashboards.charts.annotations import MAX_LETTERED_ACTIONS, ChartAnnotations
from dashboards.charts.process import process_chart
from dashboards.wording.translations import load_translator
from indicators.definitions.baselines import Rebaseline, Redefinition
from indicators.definitions.catalogue import Indicator, read_catalogue
from indicators.definitions.periods import Period
from indicators.definitions.targets import Target
from indicators.figures.figure import Figure, Status, Value
from indicators.judgement.control_chart import control_chart
from indicators.network import DATA_FOLDER
from indicators.queries.deposits.linked_actions import LinkedAction
from indicators.queries.deposits.notes import Note
from indicators.queries.figures.assessed_board import control_chart_of

EXITS = read_catalogue(DATA_FOLDER / "catalogue")["dynamic_exit_rate"]
HOURS = read_catalogue(DATA_FOLDER / "catalogue")["productive_hours_ratio"]
CALM = [62, 58, 61, 60, 59, 63, 60, 58, 62, 61, 59, 60, 61, 60, 62, 58]
QUARTERS = Period.parse("2026-T3").trailing(len(CALM))
"""From the last quarter of 2022."""


def figures(
    values: Sequence[int | None] = CALM, target: Target | None = None, sheet: Indicator = EXITS
) -> list[Figure]:
    return [
        Figure(sheet, when, Status.WITHHELD if one is None else Value(float(one), float(one), 100.0, 1), target)
        for when, one in zip(QUARTERS, values, strict=True)
    ]


def spec(
    series: Sequence[Figure], annotations: ChartAnnotations, language: str = "fr", judgement: str | None = None
) -> dict[str, Any]:
    sheet = series[0].indicator
    behaved = control_chart_of(series, sheet, annotations.breaks)
    name = "Atelier (fictif)"
    return process_chart(
        series, behaved, sheet, load_translator(language), name=name, judgement=judgement, annotations=annotations
    ).to_dict()


def rows(drawn: dict[str, Any], one: dict[str, Any]) -> list[dict[str, Any]]:
    return list(drawn["datasets"][one.get("data", drawn["data"])["name"]])


def texts(drawn: dict[str, Any]) -> list[str]:
    """Every text written by a layer of its own rows, once (under the letters stands their outline)."""
    return [
        row["text"]
        for one in drawn["layer"]
        if one["mark"]["type"] == "text" and "data" in one and "stroke" not in one["mark"]
        for row in rows(drawn, one)
        if "text" in row
    ]


def action(reference: str, opened: str, done: str | None = None, status: str = "done") -> LinkedAction:
    ended = date.fromisoformat(done) if done else None
    return LinkedAction(reference, "corrective", f"Agir {reference}", date.fromisoformat(opened), ended, None,
                        None, status)  # fmt: skip


def strips(drawn: dict[str, Any]) -> list[tuple[str, str, str, float]]:
    """Letter, first and last period, and height of each strip over the drawing."""
    found = []
    for one in drawn["layer"]:
        if one["mark"]["type"] == "rect" and one["mark"]["opacity"] == 1:
            (row,) = rows(drawn, one)
            found.append((row["text"], row["period"], row["until"], one["encoding"]["y"]["value"]))
    return found


# Actions


def test_an_action_covers_the_periods_from_its_opening_to_its_end_and_to_the_last_one_while_it_runs() -> None:
    annotations = ChartAnnotations(actions=[action("A-1", "2023-05-02", "2023-11-03"), action("A-2", "2026-02-01")])
    drawn = spec(figures(), annotations)
    first, second = strips(drawn)
    assert first[:3] == ("A", "2023-T2", "2023-T4")
    assert second[:3] == ("B", "2026-T1", "2026-T3")
    assert first[3] == second[3], "one row is enough for actions that do not meet"


def test_actions_that_meet_stand_one_over_the_other() -> None:
    annotations = ChartAnnotations(
        actions=[action("A-1", "2023-05-02", "2023-11-03"), action("A-2", "2023-10-01", "2024-05-01")]
    )
    first, second = strips(spec(figures(), annotations))
    assert second[3] < first[3] < 0, "over the drawing, and over the first"


def test_an_action_outside_the_series_or_given_up_is_not_drawn() -> None:
    annotations = ChartAnnotations(
        actions=[
            action("A-1", "2020-05-02", "2020-11-03"),
            action("A-2", "2026-10-05"),
            action("A-3", "2024-01-05", status="abandoned"),
        ]
    )
    assert strips(spec(figures(), annotations)) == []


def test_of_many_actions_the_newest_are_drawn() -> None:
    many = [action(f"A-{n}", f"2025-{n % 12 + 1:02d}-01", f"2025-{n % 12 + 1:02d}-20") for n in range(20)]
    drawn = ChartAnnotations(actions=many).lettered(QUARTERS)
    assert len(drawn) == MAX_LETTERED_ACTIONS
    assert list(drawn.values()) == many[-MAX_LETTERED_ACTIONS:]


def test_an_action_says_itself_to_who_points_at_it() -> None:
    drawn = spec(figures(), ChartAnnotations(actions=[action("A-1", "2023-05-02", "2023-11-03")]))
    strip = next(one for one in drawn["layer"] if one["mark"]["type"] == "rect" and one["mark"]["opacity"] == 1)
    assert rows(drawn, strip)[0]["told"].replace("\u00a0", " ") == "Action A : Agir A-1"
    assert strip["encoding"]["tooltip"]["field"] == "told"


# New bases


def decided(since: str) -> Rebaseline:
    return Rebaseline("atelier", EXITS.id, Period.parse(since), date(2025, 1, 1), "nouveau")


def test_each_segment_has_its_own_lines_and_a_mark_where_it_begins() -> None:
    drawn = spec(figures(), ChartAnnotations(breaks=[decided("2024-T4")]))
    means = [row["mean"] for row in rows(drawn, drawn)]
    assert len({*means[:8]}) == 1
    assert len({*means[8:]}) == 1
    assert means[7] != means[8]
    mean = next(one for one in drawn["layer"] if one["encoding"].get("y", {}).get("field") == "mean")
    assert mean["encoding"]["detail"]["field"] == "segment", "one line would slope from a segment to the next"
    assert "nouvelle base" in texts(drawn)
    assert "Nouvelle base : T4 2024." in drawn["description"].replace("\u00a0", " ")


def test_limits_of_two_segments_do_not_join() -> None:
    drawn = spec(figures(), ChartAnnotations(breaks=[decided("2024-T4")]))
    uppers = [one for one in drawn["layer"] if one["encoding"].get("y", {}).get("field") == "upper"]
    assert [len(rows(drawn, one)) for one in uppers] == [8, 8]


def test_a_rebasing_outside_the_series_is_not_drawn() -> None:
    assert "nouvelle base" not in texts(spec(figures(), ChartAnnotations(breaks=[decided("2020-T1")])))


# Notes


def test_notes_are_numbered_beside_their_points_and_at_the_foot_of_a_gap() -> None:
    values = [*CALM[:-1], None]
    notes = [
        Note(Period.parse("2023-T1"), "un"),
        Note(Period.parse("2026-T3"), "deux"),
        Note(Period.parse("2019"), "?"),
    ]
    annotations = ChartAnnotations(notes=notes)
    assert [(number, note.text) for number, _, note in annotations.numbered(QUARTERS)] == [(1, "un"), (2, "deux")]
    drawn = spec(figures(values), annotations)
    placed = {
        (row["period"], row["place"], row["text"])
        for one in drawn["layer"]
        if one["encoding"].get("y", {}).get("field") == "place" and "colour" not in rows(drawn, one)[0]
        for row in rows(drawn, one)
    }
    assert placed == {("2023-T1", 58.0, "1"), ("2026-T3", 0.0, "2")}


def test_the_text_of_a_note_is_not_in_the_chart() -> None:
    drawn = spec(figures(), ChartAnnotations(notes=[Note(Period.parse("2023-T1"), "parle d’une personne")]))
    assert "parle d’une personne" not in str(drawn)


# Peers, interval, target


def of_peers(periods: Sequence[Period]) -> pl.DataFrame:
    """Return the deciles of twenty-four structures in some periods, the last median 51."""
    medians = [50.0] * (len(periods) - 1) + [51.0]
    return pl.DataFrame(
        {"period": [period.code for period in periods], "structures": 24, "first_decile": 40.0, "median": medians,
         "last_decile": 70.0}
    )  # fmt: skip


def test_the_peers_are_drawn_where_they_are_enough_in_most_periods_and_else_not_at_all() -> None:
    half = len(QUARTERS) // 2
    few = spec(figures(), ChartAnnotations(peers=of_peers(QUARTERS[-half:])))
    assert [row["median"] for row in rows(few, few)] == [None] * len(QUARTERS)
    assert not any("médiane du réseau" in text for text in texts(few))
    assert not any("structures publiées" in note for note in few["title"]["subtitle"])
    assert not any(one["mark"]["type"] == "area" for one in few["layer"])

    drawn = spec(figures(), ChartAnnotations(peers=of_peers(QUARTERS[-half - 1 :])))
    assert [row["median"] for row in rows(drawn, drawn)][-3:] == [50.0, 50.0, 51.0]
    assert next(row["median"] for row in rows(drawn, drawn)) is None
    assert any("médiane du réseau 51" in text for text in texts(drawn))
    subtitle = " ".join(drawn["title"]["subtitle"]).replace("\N{NO-BREAK SPACE}", " ")
    assert "8 sur 10 des 24 structures publiées, et médiane" in subtitle, drawn["title"]["subtitle"]
    bare = spec(figures(), ChartAnnotations())
    assert not any(one["mark"]["type"] == "area" for one in bare["layer"])


def test_the_interval_is_that_of_the_latest_point_shown() -> None:
    drawn = spec(figures([*CALM[:-1], None]), ChartAnnotations())
    lows = [row["low"] for row in rows(drawn, drawn)]
    assert [place for place, low in enumerate(lows) if low is not None] == [len(CALM) - 2]


def test_the_title_says_what_the_figure_can_bear() -> None:
    goal = Target("atelier", EXITS.id, QUARTERS[0], None, 60.0, "agreement", None)
    drawn = spec(figures(target=goal), ChartAnnotations(), judgement="15 points sous l’objectif de 60 %")
    assert "15 points sous l’objectif de 60 %" in drawn["description"]
    assert "15 points" in drawn["title"]["text"]["expr"]


def test_on_a_telephone_only_the_value_and_the_target_are_named() -> None:
    goal = Target("atelier", EXITS.id, QUARTERS[0], None, 60.0, "agreement", None)
    drawn = spec(figures(target=goal), ChartAnnotations())
    named = next(rows(drawn, one) for one in drawn["layer"] if one.get("data") and "brief" in rows(drawn, one)[0])
    assert [row["brief"] for row in named if row["brief"]] == [row["text"] for row in named if row["brief"]]
    assert len([row for row in named if row["brief"]]) == 2
    assert len(named) == 5, "value, target, mean and both limits"


# Special causes


@pytest.mark.parametrize(
    ("values", "named"),
    [
        # One extreme point draws the mean to it: all the others stand on its other side.
        ([*CALM[:-1], 95], ["point hors limites", "sept points d’un même côté"]),
        ([*CALM[:-1], 20], ["point hors limites", "sept points d’un même côté"]),
        ([60, 59, 60, 59, 60, 59, 60, 59, 61, 62, 61, 62, 61, 62, 61, 62], ["sept points d’un même côté"] * 2),
        (CALM, []),
    ],
)
def test_special_causes_are_named_once_for_the_neighbours_that_share_a_side(
    values: list[int], named: list[str]
) -> None:
    series = figures(values, sheet=HOURS)
    own = [text for text in texts(spec(series, ChartAnnotations())) if text.startswith(("point", "sept", "deux"))]
    assert sorted(own) == named
    assert bool(named) is any(
        point.side for point in control_chart([float(one) for one in values], HOURS.direction).point_signals
    )


def test_a_lasting_change_of_people_is_named_at_the_quarter_in_which_it_is_first_told() -> None:
    base = Period.parse("2026-T3").trailing(22)
    cases = [55] * 16 + [45] * 6
    series = [Figure(EXITS, when, Value(float(x), float(x), 100.0, 1)) for when, x in zip(base, cases, strict=True)]
    drawn = spec(series, ChartAnnotations())
    assert texts(drawn).count("baisse durable") == 1
    (at,) = [
        row
        for one in drawn["layer"]
        if one["mark"]["type"] == "text" and "data" in one and "stroke" not in one["mark"]
        for row in rows(drawn, one)
        if row.get("text") == "baisse durable"
    ]
    assert at["period"] == base[18].code
    assert "signalée depuis le T4\u00a02025" in drawn["description"].replace(" 2025", "\u00a02025")


def test_a_new_definition_is_drawn_and_no_line_joins_the_two() -> None:
    drawn = spec(figures(), ChartAnnotations(breaks=[Redefinition("dynamic_exit_rate", date(2025, 1, 1))]))
    assert "nouvelle définition" in texts(drawn)
    assert "Nouvelle définition depuis le" in drawn["description"]
    (line,) = [one for one in drawn["layer"] if one["encoding"].get("detail", {}).get("field") == "part"]
    parts = [row["part"] for row in rows(drawn, line)]
    assert parts == [0] * 9 + [1] * 7
