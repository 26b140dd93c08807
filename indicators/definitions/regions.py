"""Regions and departments, read from CSV files: names, and the position of regions on the tile map."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indicators.definitions.catalogue import LocalizedText
from indicators.definitions.reference_files import read_reference_file
from schemas.reference_data import DEPARTMENTS, REGIONS


@dataclass(frozen=True)
class Region:
    """A region or province by its slug, with its position on the tile map (column and row, from 0)."""

    id: str
    name: LocalizedText
    country: str
    code: str
    tile_column: int
    tile_row: int


def read_regions(path: Path) -> Mapping[str, Region]:
    """Read `regions.csv`; a `CatalogueError` names the file and the invalid line."""
    return {
        row["region"]: Region(
            row["region"],
            LocalizedText(fr=row["name_fr"], en=row["name_en"], nl=row["name_nl"]),
            row["country"],
            row["code"],
            row["tile_column"],
            row["tile_row"],
        )
        for row in read_reference_file(path, REGIONS)
    }


@dataclass(frozen=True)
class Department:
    """A department by its number, as structures have it: « 59 », « 2A »."""

    id: str
    name: str
    chief_town: str


def read_departments(path: Path) -> Mapping[str, Department]:
    """Read `departments.csv`; a `CatalogueError` names the file and the invalid line."""
    return {
        row["department"]: Department(row["department"], row["name"], row["chief_town"])
        for row in read_reference_file(path, DEPARTMENTS)
    }
