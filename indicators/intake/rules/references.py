"""What rows of registers refer to: the actions and bodies that their structures know (C20)."""

from collections.abc import Mapping

import polars as pl

from indicators.intake.rules.rule import Rule, RuleRun
from indicators.intake.text_matching import closest


def report_unknown_actions(run: RuleRun, rows: pl.DataFrame) -> None:
    """Report the actions named by rows that the register of actions of their structure does not know (C20)."""
    named = rows.select("index", "structure", pl.col("action").alias("named"))
    report_unknown(run, rows, named, known_actions(run, rows), "action", "unknown_action")


def known_actions(run: RuleRun, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the references of the registers of actions of the structures of the file: structure, named."""
    structures = rows["structure"].unique().drop_nulls().sort().to_list()
    references = run.snapshot.query("action_references", structures=structures)
    return references.select("structure", pl.col("reference").alias("named"))


def report_unknown(
    run: RuleRun, rows: pl.DataFrame, named: pl.DataFrame, known: pl.DataFrame, column: str, cause: str
) -> None:
    """Report the rows that name something that their structure does not know, with the nearest that it does (C20)."""
    unknown = (
        named.drop_nulls()
        .join(known, on=["structure", "named"], how="anti")
        .unique("index", keep="first", maintain_order=True)
    )
    if unknown.is_empty():
        return
    broken = rows.join(unknown.select("index", "named"), on="index", maintain_order="left")
    run.apply(broken, Rule("C20", pl.lit(value=True), column, suggestion=_nearest(known), cause=cause))


def _nearest(known: pl.DataFrame) -> pl.Expr:
    """Return the nearest of the known names of the structure of a row; null if none is near."""
    names = {structure: tuple(group["named"]) for (structure,), group in known.group_by("structure")}

    def find(row: Mapping[str, str]) -> str | None:
        return closest(row["named"], names.get(row["structure"], ()))

    return pl.struct("structure", "named").map_elements(find, return_dtype=pl.String)
