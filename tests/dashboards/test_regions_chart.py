"""The tile map: a tile leads to its region, and one of a region without any structure leads nowhere."""

from __future__ import annotations

from typing import Any

from dashboards.charts.regions import RegionFigure, region_tiles
from dashboards.wording.translations import load_translator
from indicators.definitions.catalogue import LocalizedText, read_catalogue
from indicators.definitions.periods import Period
from indicators.definitions.regions import Region
from indicators.figures.figure import Figure, Status, Value
from indicators.network import DATA_FOLDER

QUARTER = Period.parse("2026-T3")
SHEET = read_catalogue(DATA_FOLDER / "catalogue")["dynamic_exit_rate"]
OTHERS = {"published": Value(50.0, 40, 80, 1), "withheld": Status.WITHHELD}


def drawn(*, linked: bool) -> dict[str, Any]:
    """Draw a region that publishes its figure, one that does not, and one where the network has no structure."""
    places = [
        RegionFigure(region(n, name), Figure(SHEET, QUARTER, what), f"/x?region={name}" if linked else None)
        for n, (name, what) in enumerate(OTHERS.items())
    ]
    empty = RegionFigure(region(2, "empty"), None)
    return region_tiles([*places, empty], SHEET, QUARTER, load_translator("fr")).to_dict()


def region(column: int, name: str) -> Region:
    return Region(name, LocalizedText(fr=name, en=name, nl=None), "FR", "", column, 0)


def test_a_tile_without_any_structure_leads_nowhere() -> None:
    squares = [layer for layer in drawn(linked=True)["layer"] if layer["mark"]["type"] == "rect"]
    led = {layer["transform"][0]["filter"]: "href" in layer["encoding"] for layer in squares}
    assert led == {
        "!datum.dashed && !datum.way": False,
        "!datum.dashed && datum.way": True,
        "datum.dashed && datum.way": True,
    }


def test_a_picture_has_no_link_at_all() -> None:
    squares = [layer for layer in drawn(linked=False)["layer"] if layer["mark"]["type"] == "rect"]
    assert len(squares) == 2
    assert not any("href" in layer["encoding"] for layer in squares)
