"""`measures`: one row is one structure × indicator × period × segment, as counted."""

from typing import Final

import pandera.polars as pa
import polars as pl

from schemas.columns import Cell, Column, Dataset, contract, frame_rule

WHOLE: Final = "ensemble"
DIMENSIONS: Final = ("sexe",)
"""Breakdowns whose values part the whole without overlapping: together they are never above it."""
SEGMENTS: Final = {
    **dict.fromkeys(
        (
            WHOLE,
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
        WHOLE,
    ),
    **dict.fromkeys(("all", "whole", "overall", "everyone", "totaal", "eindtotaal", "allen", "iedereen"), WHOLE),
    **{f"sexe={value}": f"sexe={value}" for value in ("F", "H", "M", "X")},
    **dict.fromkeys(("sexe=femme", "sexe=femmes"), "sexe=F"),
    **dict.fromkeys(("sexe=homme", "sexe=hommes"), "sexe=H"),
}
"""Segments that are known before anybody used them, by what people write for each: the whole, women, men."""

COLUMNS: Final = (
    Column(
        "structure", "structure", "structure", Cell.STRUCTURE, filled=True, synonyms=("siret", "etablissement", "bce")
    ),
    Column(
        "period",
        "periode",
        "period",
        Cell.PERIOD,
        filled=True,
        synonyms=("trimestre", "trim", "quarter", "kwartaal", "semestre", "halfjaar"),
    ),
    Column("indicator", "indicateur", "indicator", Cell.INDICATOR, filled=True),
    Column("numerator", "numerateur", "numerator", Cell.NUMBER),
    Column("denominator", "denominateur", "denominator", Cell.NUMBER),
    Column("value", "valeur", "value", Cell.NUMBER, required=False, synonyms=("taux", "resultat")),
    Column("segment", "segment", "segment", Cell.CODE, required=False, longest=60, words=SEGMENTS),
    Column(
        "comment",
        "commentaire",
        "comment",
        Cell.TEXT,
        required=False,
        synonyms=("remarque", "observation"),
        longest=500,
    ),
)

CONTRACT: Final = contract(
    COLUMNS,
    {
        "numerator": [pa.Check.ge(0, name="C06", error="C06")],
        "denominator": [pa.Check.ge(0, name="C06", error="C06")],
    },
    [
        # A part cannot exceed the whole it is counted in; where it may (hours delivered over hours contracted), the
        # indicator's range says so and `capped` is false.
        frame_rule(
            "X01",
            "numerator",
            (pl.col("numerator") <= pl.col("denominator")) | (pl.col("denominator") < 0) | ~pl.col("capped"),
        ),
    ],
).add_columns({"capped": pa.Column(pl.Boolean())})

MEASURES: Final = Dataset("measures", COLUMNS, ("structure", "period", "indicator", "segment"), CONTRACT)
