"""Rows that a file would replace and that somebody wrote on a page since, perhaps after the file was taken (B04)."""

import polars as pl

from indicators.intake.rules.rule import Rule, RuleRun
from indicators.store.row_versions import rows_written_on_pages


def report_written_on_pages(run: RuleRun, rows: pl.DataFrame) -> None:
    """Report the rows of a file that are not what was last written on the page of the register.

    A row written on a page itself is stored only upon the version that its writer saw: nothing is asked of it.
    """
    dataset = run.table.dataset
    structures = rows["structure"].unique().drop_nulls().sort().to_list()
    if run.scope.of_one_row or not structures or not run.snapshot.may_hold(dataset):
        return
    written = rows_written_on_pages(run.snapshot.cursor, dataset, run.snapshot.set_aside, structures)
    if written.is_empty():
        return
    others = [column.name for column in dataset.columns if column.name not in dataset.key]
    joined = rows.join(written, on=list(dataset.key), suffix=":written", nulls_equal=True, maintain_order="left")
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}:written")) for name in others)
    values = {"since": pl.col("submitted_at").dt.date()}
    run.apply(joined, Rule("B04", differs, dataset.key[1], values=values, cause="written_on_page"))
