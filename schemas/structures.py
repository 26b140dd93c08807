"""`structures`: one row is one enterprise or school of the network with its attributes from a day on."""

from collections.abc import Callable
from typing import Final

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas.columns import CellType, Column, Dataset, contract, frame_rule
from schemas.identifiers import is_bce, is_siret

STRUCTURE_KINDS: Final = ("ACI", "AI", "EI", "ETTI", "EITI", "GES", "GEIQ", "CISP", "EIW", "TS", "SAP", "ECO", "RES")
COUNTRIES: Final = ("FR", "BE")

STRUCTURE_COLUMNS: Final = (
    Column("structure", "structure", "structure", CellType.CODE, non_empty=True, synonyms=("code",), max_chars=60),
    Column(
        "name", "nom", "name", CellType.TEXT, non_empty=True, synonyms=("raison sociale",), names_organisations=True
    ),
    Column(
        "kind",
        "type",
        "kind",
        CellType.WORD,
        non_empty=True,
        synonyms=("statut",),
        vocabulary={kind: kind for kind in STRUCTURE_KINDS},
    ),
    Column("group", "groupe", "group", CellType.TEXT, required=False, names_organisations=True, shares_values=True),
    Column("region", "region", "region", CellType.REGION, non_empty=True),
    Column("department", "departement", "department", CellType.TEXT, required=False, max_chars=3),
    Column(
        "country",
        "pays",
        "country",
        CellType.WORD,
        non_empty=True,
        vocabulary={country: country for country in COUNTRIES},
    ),
    Column("siret", "siret", "siret", CellType.SIRET, required=False),
    Column("bce", "bce", "bce", CellType.BCE, required=False, synonyms=("kbo", "numero d entreprise")),
    Column("opened_on", "ouverte_le", "opened_on", CellType.DATE, required=False),
    Column("closed_on", "fermee_le", "closed_on", CellType.DATE, required=False),
    # First day of the attributes; those of a structure's first row hold from the beginning.
    Column("valid_from", "valable_du", "valid_from", CellType.DATE, required=False),
    Column("predecessor", "predecesseur", "predecessor", CellType.TEXT, required=False, max_chars=60),
    # Day from which its actions are counted: it may lie before the first one of its register.
    Column("actions_since", "actions_depuis", "actions_since", CellType.DATE, required=False),
)


def _check_digits(is_valid: Callable[[str], bool]) -> pa.Check:
    """Return a check of every registration number of a column; an empty cell passes."""

    def check(data: PolarsData) -> pl.LazyFrame:
        column = pl.col(str(data.key))
        return data.lazyframe.select(column.map_elements(is_valid, return_dtype=pl.Boolean).fill_null(value=True))

    return pa.Check(check, name="I05", error="I05")


STRUCTURE_CONTRACT: Final = contract(
    STRUCTURE_COLUMNS,
    {
        "structure": [pa.Check.str_matches(r"^[a-z0-9][a-z0-9-]*$", name="C03", error="C03")],
        "siret": [_check_digits(is_siret)],
        "bce": [_check_digits(is_bce)],
    },
    [frame_rule("X06", "closed_on", pl.col("opened_on") <= pl.col("closed_on"))],
)

STRUCTURES: Final = Dataset(
    "structures",
    STRUCTURE_COLUMNS,
    ("structure", "valid_from"),
    STRUCTURE_CONTRACT,
    found_by=("structure",),
    by_network=True,
)
