"""The federation's regions: a versioned table of slugs, names and places on the tile map."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indicators.definitions.catalogue import Words
from indicators.errors import CatalogueError


@dataclass(frozen=True)
class Region:
    """A region or province by its slug, with its place on the tile map (column and row, from 0)."""

    id: str
    name: Words
    country: str
    code: str
    tile_column: int
    tile_row: int


def read_regions(path: Path) -> Mapping[str, Region]:
    """Read `data/reference/regions.csv`; a `CatalogueError` names the line that is wrong."""
    regions: dict[str, Region] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file, delimiter=";"), start=2):
                try:
                    regions[row["region"]] = Region(
                        row["region"],
                        Words(fr=row["nom_fr"], en=row["nom_en"], nl=row["nom_nl"] or None),
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
