"""A chart is made once, and its rows travel as Arrow: the same rows, whatever they hold."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import altair as alt
import polars as pl

from dashboards.components.chart_cache import ChartRequest, _render_cached, _to_arrow

ROWS: list[dict[str, Any]] = [
    {"period": "2026-T1", "value": 31.6, "count": 19, "shown": True},
    {"period": "2026-T2", "value": None, "count": 0, "shown": False},
    # A key that only a later row has is a column all the same.
    {"period": "2026-T3", "value": 40.0, "count": 7, "shown": True, "target": 55.0},
]


def test_the_rows_of_a_chart_are_the_same_rows_in_arrow() -> None:
    read = pl.read_ipc_stream(BytesIO(_to_arrow(ROWS))).to_dicts()
    assert read == [{**row, "target": row.get("target")} for row in ROWS]


def test_a_column_of_two_kinds_becomes_text_and_is_never_emptied() -> None:
    read = pl.read_ipc_stream(BytesIO(_to_arrow([{"value": 1.5}, {"value": "NC"}])))
    assert read["value"].to_list() == ["1.5", "NC"]


def test_a_chart_is_made_once_for_all_that_it_depends_on_and_nobody_can_change_it_for_the_next() -> None:
    made: list[str] = []

    def make(title: str) -> alt.Chart:
        made.append(title)
        return (
            alt.Chart(pl.DataFrame(ROWS, infer_schema_length=None), title=title)
            .mark_line()
            .encode(x="period:N", y="value:Q")
        )

    def ask(title: str) -> dict[str, Any]:
        return _render_cached(ChartRequest(("a test", title), lambda: make(title))).to_dict()

    first = ask("one")
    (name,) = first["datasets"]
    assert first["data"] == {"name": name}
    first["title"] = "spoilt"
    first["datasets"].clear()
    again = ask("one")
    assert again["title"] == "one"
    assert pl.read_ipc_stream(BytesIO(again["datasets"][name])).height == len(ROWS)
    assert ask("two")["title"] == "two"
    assert made == ["one", "two"]
