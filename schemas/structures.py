"""`structures`: one row is one enterprise or school of the network, as it is from a day on."""

from collections.abc import Callable
from typing import Final

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas.columns import Cell, Column, Dataset, contract, frame_rule
from schemas.identifiers import is_bce, is_siret

KINDS: Final = ("ACI", "AI", "EI", "ETTI", "EITI", "GES", "GEIQ", "CISP", "EIW", "TS", "SAP", "ECO", "RES")
COUNTRIES: Final = ("FR", "BE")

COLUMNS: Final = (
    Column("structure", "structure", "structure", Cell.CODE, filled=True, synonyms=("code",), longest=60),
    Column("name", "nom", "name", Cell.TEXT, filled=True, synonyms=("raison sociale",), names_organisations=True),
    Column("kind", "type", "kind", Cell.WORD, filled=True, synonyms=("statut",), words={kind: kind for kind in KINDS}),
    Column("group", "groupe", "group", Cell.TEXT, required=False, names_organisations=True),
    Column("region", "region", "region", Cell.REGION, filled=True),
    Column("department", "departement", "department", Cell.TEXT, required=False, longest=3),
    Column("country", "pays", "country", Cell.WORD, filled=True, words={country: country for country in COUNTRIES}),
    Column("siret", "siret", "siret", Cell.SIRET, required=False),
    Column("bce", "bce", "bce", Cell.BCE, required=False, synonyms=("kbo", "numero d entreprise")),
    Column("opened_on", "ouverte_le", "opened_on", Cell.DATE, required=False),
    Column("closed_on", "fermee_le", "closed_on", Cell.DATE, required=False),
    # Attributes hold from a day: those of a structure's first row from the beginning.
    Column("valid_from", "valable_du", "valid_from", Cell.DATE, required=False),
    Column("predecessor", "predecesseur", "predecessor", Cell.TEXT, required=False, longest=60),
)


def _digits_rule(holds: Callable[[str], bool]) -> pa.Check:
    """Make a check of every number of a column; an empty cell passes."""

    def check(data: PolarsData) -> pl.LazyFrame:
        column = pl.col(str(data.key))
        return data.lazyframe.select(column.map_elements(holds, return_dtype=pl.Boolean).fill_null(value=True))

    return pa.Check(check, name="I05", error="I05")


CONTRACT: Final = contract(
    COLUMNS,
    {
        "structure": [pa.Check.str_matches(r"^[a-z0-9][a-z0-9-]*$", name="C03", error="C03")],
        "siret": [_digits_rule(is_siret)],
        "bce": [_digits_rule(is_bce)],
    },
    [frame_rule("X06", "closed_on", pl.col("opened_on") <= pl.col("closed_on"))],
)

STRUCTURES: Final = Dataset("structures", COLUMNS, ("structure", "valid_from"), CONTRACT)
