"""Reference files, read at start: regions, departments, campaigns, rebaselines, thresholds, one dataset each.

A reference file has exactly the columns of its dataset, by their French names and in their order, and is written by
hand: what breaks its contract stops the start, with a sentence for whoever wrote the line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandera.polars as pa
import polars as pl

from schemas.columns import CellType, Column, Dataset, contract, frame_rule
from schemas.members import MEMBERS
from schemas.structures import COUNTRIES, STRUCTURE_KINDS

EMPTY: Final = "C01"
"""Code of an empty cell in a column that must have a value."""
REPEATED: Final = "repeated"
"""Code of a row whose key another row has."""


@dataclass(frozen=True)
class ReferenceFile:
    """A reference file: its dataset, whose name is that of the file, and what to say of a row that breaks a rule.

    `sentences` are columns of text, one per code of the contract's rules; the header of the cell stands before them.
    """

    dataset: Dataset
    sentences: Mapping[str, pl.Expr]


def _unique(key: tuple[str, ...], at: str) -> pa.Check:
    return frame_rule(REPEATED, at, pl.struct(key).is_first_distinct())


_IS_EXCEPTION: Final = pl.col("structure").is_not_null()
CAMPAIGN_COLUMNS: Final = (
    Column("period", "periode", "period", CellType.PERIOD, non_empty=True),
    Column("structure", "structure", "structure", CellType.TEXT),
    Column("opens", "ouverte_le", "opens", CellType.DATE, non_empty=True),
    Column("due", "limite", "due", CellType.DATE),
    Column("locks", "verrouillee_le", "locks", CellType.DATE),
    Column("approved_by", "approuvee_par", "approved_by", CellType.TEXT),
)
CAMPAIGNS: Final = ReferenceFile(
    Dataset(
        "campaigns",
        CAMPAIGN_COLUMNS,
        ("period", "structure"),
        contract(
            CAMPAIGN_COLUMNS,
            {},
            [
                _unique(("period", "structure"), "period"),
                frame_rule("endless_exception", "due", ~_IS_EXCEPTION | pl.col("due").is_not_null()),
                frame_rule("due_before_opening", "due", pl.col("due") >= pl.col("opens")),
                frame_rule("locked_exception", "locks", ~_IS_EXCEPTION | pl.col("locks").is_null()),
                frame_rule("approved_exception", "approved_by", ~_IS_EXCEPTION | pl.col("approved_by").is_null()),
                frame_rule("locked_before_due", "locks", _IS_EXCEPTION | (pl.col("locks") > pl.col("due"))),
            ],
        ),
    ),
    {
        EMPTY: pl.lit("must not be empty"),
        REPEATED: pl.format("{} twice for {}", "period", pl.col("structure").fill_null("everybody")),
        "endless_exception": pl.lit("a late exception must say its last day"),
        "due_before_opening": pl.format("{} is before {}, when it opens", "due", "opens"),
        "locked_exception": pl.lit("not for a late exception"),
        "approved_exception": pl.lit("not for a late exception"),
        "locked_before_due": pl.format("{} is not after {}, the last day on time", "locks", "due"),
    },
)
"""One row is the campaign of a period, or a late exception of one structure in it."""

REBASELINE_COLUMNS: Final = (
    Column("perimeter", "perimetre", "perimeter", CellType.PERIMETER, non_empty=True),
    Column("indicator", "indicateur", "indicator", CellType.INDICATOR, non_empty=True),
    Column("since", "a_partir_de", "since", CellType.PERIOD, non_empty=True),
    Column("decided_on", "decidee_le", "decided_on", CellType.DATE, non_empty=True),
    Column("reason", "motif", "reason", CellType.TEXT, non_empty=True),
)
REBASELINES: Final = ReferenceFile(
    Dataset(
        "rebasings",
        REBASELINE_COLUMNS,
        ("perimeter", "indicator", "since"),
        contract(REBASELINE_COLUMNS, {}, [_unique(("perimeter", "indicator", "since"), "since")]),
    ),
    {
        EMPTY: pl.lit("must not be empty: a decision has its day and its reason"),
        REPEATED: pl.format("{} twice for {} and {}", "since", "perimeter", "indicator"),
    },
)
"""One row is a decision that a series of a perimeter has a new mean from a period on."""

REGION_COLUMNS: Final = (
    Column("region", "region", "region", CellType.CODE, non_empty=True),
    Column("name_fr", "nom_fr", "name_fr", CellType.TEXT, non_empty=True),
    Column("name_en", "nom_en", "name_en", CellType.TEXT, non_empty=True),
    Column("name_nl", "nom_nl", "name_nl", CellType.TEXT),
    Column("country", "pays", "country", CellType.WORD, non_empty=True),
    Column("code", "code", "code", CellType.TEXT, non_empty=True),
    Column("tile_column", "tuile_colonne", "tile_column", CellType.WHOLE, non_empty=True),
    Column("tile_row", "tuile_ligne", "tile_row", CellType.WHOLE, non_empty=True),
)
_TILE: Final = ("country", "tile_column", "tile_row")
REGIONS: Final = ReferenceFile(
    Dataset(
        "regions",
        REGION_COLUMNS,
        ("region",),
        contract(
            REGION_COLUMNS,
            {},
            [
                _unique(("region",), "region"),
                frame_rule("no_slug", "region", pl.col("region").str.contains("^[a-z0-9][a-z0-9-]*$")),
                frame_rule("no_country", "country", pl.col("country").is_in(COUNTRIES)),
                frame_rule("no_tile", "tile_column", (pl.col("tile_column") >= 0) & (pl.col("tile_row") >= 0)),
                frame_rule("shared_tile", "tile_column", pl.struct(_TILE).is_first_distinct()),
            ],
        ),
    ),
    {
        EMPTY: pl.lit("must not be empty"),
        REPEATED: pl.format("{} twice", "region"),
        "no_slug": pl.format("{} is not lower case letters, digits and hyphens", "region"),
        "no_country": pl.format(f"{{}} is none of {', '.join(COUNTRIES)}", "country"),
        "no_tile": pl.format("{}, {} is not on the map, which begins at 0, 0", "tile_column", "tile_row"),
        "shared_tile": pl.format("another region of {} is at {}, {}", *_TILE),
    },
)
"""One row is a region or a province, with its place on the tile map."""

DEPARTMENT_COLUMNS: Final = (
    Column("department", "departement", "department", CellType.TEXT, non_empty=True),
    Column("name", "nom", "name", CellType.TEXT, non_empty=True),
    Column("chief_town", "chef_lieu", "chief_town", CellType.TEXT, non_empty=True),
)
DEPARTMENTS: Final = ReferenceFile(
    Dataset(
        "departments",
        DEPARTMENT_COLUMNS,
        ("department",),
        contract(DEPARTMENT_COLUMNS, {}, [_unique(("department",), "department")]),
    ),
    {EMPTY: pl.lit("must not be empty"), REPEATED: pl.format("{} twice", "department")},
)
"""One row is a department, with its name and the town it is administered from."""

DEMO_MEMBERS: Final = ReferenceFile(
    MEMBERS,
    {
        EMPTY: pl.lit("must not be empty"),
        "X06": pl.format("{} is before {}, when it begins", "holds_until", "holds_from"),
        "I10": pl.lit("administrators are of the network"),
    },
)
"""One row is a role of a person of the demonstration on a perimeter."""

THRESHOLD_LEVELS: Final = ("structure", "groupe", "region", "reseau")
"""Levels whose figures a threshold may be about."""
COUNTED: Final = ("valeur", "numerateur", "denominateur")
"""What of a figure a threshold may be compared with."""
COMPARISONS: Final = ("au_plus", "au_moins")
"""How a figure keeps to a threshold."""
THRESHOLD_COLUMNS: Final = (
    Column("level", "niveau", "level", CellType.WORD, non_empty=True),
    Column("kind", "type", "kind", CellType.WORD),
    Column("indicator", "indicateur", "indicator", CellType.INDICATOR, non_empty=True),
    Column("counted", "mesure", "counted", CellType.WORD, non_empty=True),
    Column("comparison", "comparaison", "comparison", CellType.WORD, non_empty=True),
    Column("value", "valeur", "value", CellType.NUMBER, non_empty=True),
    Column("sentence_fr", "phrase_fr", "sentence_fr", CellType.TEXT, non_empty=True),
    Column("sentence_en", "phrase_en", "sentence_en", CellType.TEXT, non_empty=True),
    Column("sentence_nl", "phrase_nl", "sentence_nl", CellType.TEXT),
    Column("source", "source", "source", CellType.TEXT, non_empty=True),
)
_THRESHOLD: Final = ("level", "kind", "indicator", "counted", "comparison")
THRESHOLDS: Final = ReferenceFile(
    Dataset(
        "thresholds",
        THRESHOLD_COLUMNS,
        _THRESHOLD,
        contract(
            THRESHOLD_COLUMNS,
            {},
            [
                _unique(_THRESHOLD, "indicator"),
                frame_rule("no_level", "level", pl.col("level").is_in(THRESHOLD_LEVELS)),
                frame_rule("no_kind", "kind", pl.col("kind").is_in(STRUCTURE_KINDS)),
                frame_rule("kind_of_several", "kind", pl.col("kind").is_null() | (pl.col("level") == "structure")),
                frame_rule("not_counted", "counted", pl.col("counted").is_in(COUNTED)),
                frame_rule("no_comparison", "comparison", pl.col("comparison").is_in(COMPARISONS)),
            ],
        ),
    ),
    {
        EMPTY: pl.lit("must not be empty: a threshold says what it is and where it comes from"),
        REPEATED: pl.format("two thresholds of {}, {}, for {}", "indicator", "comparison", "level"),
        "no_level": pl.format(f"{{}} is none of {', '.join(THRESHOLD_LEVELS)}", "level"),
        "no_kind": pl.format(f"{{}} is none of {', '.join(STRUCTURE_KINDS)}", "kind"),
        "kind_of_several": pl.format("{} is a kind of structures: niveau must be structure", "kind"),
        "not_counted": pl.format(f"{{}} is none of {', '.join(COUNTED)}", "counted"),
        "no_comparison": pl.format(f"{{}} is none of {', '.join(COMPARISONS)}", "comparison"),
    },
)
"""One row is a threshold that the figures of structures, groups, regions or the network should keep to."""

REFERENCE_FILES: Final = (REGIONS, CAMPAIGNS, REBASELINES, THRESHOLDS, DEPARTMENTS)
"""In the order in which they are read: rebaselines name regions."""
