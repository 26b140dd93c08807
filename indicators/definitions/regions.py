"""Regions of the federation, read from a CSV file: slug, names and position on the tile map."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indicators.definitions.catalogue import LocalizedText
from indicators.errors import CatalogueError


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
    """Read `data/reference/regions.csv`; a `CatalogueError` names the invalid line."""
    regions: dict[str, Region] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file, delimiter=";"), start=2):
                try:
                    regions[row["region"]] = Region(
                        row["region"],
                        LocalizedText(fr=row["nom_fr"], en=row["nom_en"], nl=row["nom_nl"] or None),
                        row["pays"],
                        row["code"],
                        int(row["tuile_colonne"]),
                        int(row["tuile_ligne"]),
                    )
                except (KeyError, TypeError, ValueError) as wrong:
                    raise CatalogueError(f"{path}: line {line}: {wrong}") from wrong
    except OSError as unreadable:
        raise CatalogueError(f"{path}: {unreadable.strerror}") from unreadable
    return regions
