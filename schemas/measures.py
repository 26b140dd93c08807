"""`measures`: one row is one structure × indicator × period × segment, as counted."""

from typing import Final

import pandera.polars as pa
import polars as pl

from schemas.columns import CellType, Column, Dataset, StoredColumn, contract, frame_rule

WHOLE_SEGMENT: Final = "ensemble"
SEGMENT_DIMENSIONS: Final = ("sexe",)
"""Breakdowns into disjoint segments: their sum never exceeds the whole."""
SEGMENTS: Final = {
    **dict.fromkeys(
        (
            WHOLE_SEGMENT,
            "total",
            "totaux",
            "tous",
            "toutes",
            "tout",
            "ensemble total",
            "tous publics",
            "total general",
            "global",
            "-",
            "–",
            "—",
            "*",
        ),
        WHOLE_SEGMENT,
    ),
    **dict.fromkeys(
        ("all", "whole", "overall", "everyone", "totaal", "eindtotaal", "allen", "iedereen"), WHOLE_SEGMENT
    ),
    **{f"sexe={value}": f"sexe={value}" for value in ("F", "H", "M", "X")},
    **dict.fromkeys(("sexe=femme", "sexe=femmes"), "sexe=F"),
    **dict.fromkeys(("sexe=homme", "sexe=hommes"), "sexe=H"),
}
"""Predefined segments by the words that depositors use: the whole, women, men."""

MEASURE_COLUMNS: Final = (
    Column(
        "structure",
        "structure",
        "structure",
        CellType.STRUCTURE,
        non_empty=True,
        synonyms=("siret", "etablissement", "bce"),
    ),
    Column(
        "period",
        "periode",
        "period",
        CellType.PERIOD,
        non_empty=True,
        synonyms=("trimestre", "trim", "quarter", "kwartaal", "semestre", "halfjaar"),
    ),
    Column("indicator", "indicateur", "indicator", CellType.INDICATOR, non_empty=True),
    Column("numerator", "numerateur", "numerator", CellType.NUMBER),
    Column("denominator", "denominateur", "denominator", CellType.NUMBER),
    Column("value", "valeur", "value", CellType.NUMBER, required=False, synonyms=("taux", "resultat")),
    Column(
        "segment",
        "segment",
        "segment",
        CellType.CODE,
        required=False,
        max_chars=60,
        vocabulary=SEGMENTS,
        shares_values=True,
        asks_about_new=True,
    ),
    Column(
        "comment",
        "commentaire",
        "comment",
        CellType.TEXT,
        required=False,
        synonyms=("remarque", "observation"),
        max_chars=500,
    ),
)

MEASURE_CONTRACT: Final = contract(
    MEASURE_COLUMNS,
    {
        "numerator": [pa.Check.ge(0, name="C06", error="C06")],
        "denominator": [pa.Check.ge(0, name="C06", error="C06")],
    },
    [
        # A part cannot exceed its whole; where it may (hours delivered over hours contracted), the indicator's range
        # allows it and `capped` is false.
        frame_rule(
            "X01",
            "numerator",
            (pl.col("numerator") <= pl.col("denominator")) | (pl.col("denominator") < 0) | ~pl.col("capped"),
        ),
    ],
).add_columns({"capped": pa.Column(pl.Boolean())})

MEASURES: Final = Dataset(
    "measures",
    MEASURE_COLUMNS,
    # A row replaces the row of its own segment only: a file of breakdowns keeps the figure of the whole current.
    ("structure", "period", "indicator", "segment"),
    MEASURE_CONTRACT,
    completed=(
        StoredColumn("period_end", CellType.DATE, non_empty=True, follows_key=True),
        StoredColumn("segment", CellType.CODE, non_empty=True),
        StoredColumn("absence", CellType.TEXT),
    ),
    found_by=("structure", "period", "period_end", "indicator", "segment"),
)
