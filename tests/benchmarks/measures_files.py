"""Generated `measures` files of a large network, sound or with 1 % of bad rows, and a store that knows its past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from indicators.definitions.periods import Period
from indicators.network import Network
from indicators.store.deposits import Submission, new_deposit_id, store_submission
from tests.builders import MEASURES

STRUCTURES: Final = 4_000
QUARTERS: Final = Period.parse("2026-T3").trailing(16)
STORED: Final = 4
"""Quarters, the oldest ones, that the store holds already; the file brings the twelve others."""
SHARES: Final = {
    "dynamic_exit_rate": 0.0,  # the sum of the next three
    "durable_job_exit_rate": 0.25,
    "transition_job_exit_rate": 0.2,
    "positive_exit_rate": 0.15,
    "undocumented_exit_rate": 0.1,
    "permanent_contract_share": 0.5,
    "absenteeism_rate": 0.05,
}
SEGMENTS: Final = ("ensemble", "sexe=F", "sexe=M")
ROWS: Final = STRUCTURES * len(SHARES) * len(SEGMENTS) * (len(QUARTERS) - STORED)
BAD_KINDS: Final = {
    "C03:numerateur": ("numerateur", "douze"),
    "C06:numerateur": ("numerateur", "-3"),
    "X01:numerateur": ("numerateur", "900000"),
    "C01:denominateur": ("denominateur", ""),
    "C14:denominateur": ("denominateur", "#DIV/0!"),
    "C13:indicateur": ("indicateur", "absenteism_rates"),
    "I07:structure": ("structure", "nulle-part-{}"),
    "C09:periode": ("periode", "T9 2026"),
    "C05:valeur": ("valeur", "5,0 %"),
    "R01": ("commentaire", "un;deux"),
}
"""Group of the finding that each kind of bad row must get, the cell spoilt, and what is typed there ({}: its line)."""


def codes() -> list[str]:
    """Codes of the network's structures."""
    return [f"s{number:05d}" for number in range(STRUCTURES)]


def counts(quarters: list[Period]) -> pl.DataFrame:
    """Counts of every structure, quarter, indicator and segment; they add up and move a little each quarter."""
    numbers = pl.DataFrame({"number": range(STRUCTURES), "structure": codes()})
    turns = [QUARTERS.index(quarter) for quarter in quarters]
    places = pl.DataFrame({"place": turns, "periode": [quarter.code for quarter in quarters]})
    women, men = 40 + pl.col("number") % 20 + pl.col("place") % 3, 50 + pl.col("number") % 15 + pl.col("place") % 4
    people = numbers.join(places, how="cross").with_columns(women.alias("sexe=F"), men.alias("sexe=M"))
    whole = people.unpivot(["sexe=F", "sexe=M"], index=["structure", "periode"], variable_name="segment")
    parts = whole.join(pl.DataFrame({"indicateur": list(SHARES), "share": SHARES.values()}), how="cross").with_columns(
        pl.when(pl.col("indicateur") == "absenteeism_rate").then(100 * pl.col("value")).otherwise("value").alias("of")
    )
    parts = parts.with_columns((pl.col("of") * pl.col("share")).round().cast(pl.Int64).alias("counted"))
    exits = pl.col("indicateur").is_in(["durable_job_exit_rate", "transition_job_exit_rate", "positive_exit_rate"])
    dynamic = pl.col("counted").filter(exits).sum().over("structure", "periode", "segment")
    parts = parts.with_columns(
        pl.when(pl.col("indicateur") == "dynamic_exit_rate").then(dynamic).otherwise("counted").alias("counted")
    )
    key = ["structure", "periode", "indicateur"]
    total = parts.group_by(key).agg(pl.col("of", "counted").sum()).with_columns(pl.lit("ensemble").alias("segment"))
    columns = [*key, "segment", "counted", "of"]
    order = pl.col("indicateur").cast(pl.Enum(list(SHARES)))
    return pl.concat([parts.select(columns), total.select(columns)]).sort("structure", "periode", "segment", order)


def written(table: pl.DataFrame) -> pl.DataFrame:
    """Write the counts as people do: rates with a decimal comma, a comment here and there."""
    rate = (100 * pl.col("counted") / pl.col("of") + 1e-9).round(1).cast(pl.String).str.replace(".", ",", literal=True)
    remark = pl.when(pl.int_range(pl.len()) % 97 == 0).then(pl.lit("relevé à Besançon")).otherwise(pl.lit(""))
    return table.select(
        "structure",
        "periode",
        "indicateur",
        pl.col("counted").cast(pl.String).alias("numerateur"),
        pl.col("of").cast(pl.String).alias("denominateur"),
        rate.alias("valeur"),
        "segment",
        remark.alias("commentaire"),
    )


def spoilt(table: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """Spoil one row in a hundred, each kind in turn; return how many findings each kind must count.

    Only absences are spoilt: nothing adds them up, so one bad row is one finding.
    """
    chosen = table.with_row_index().filter(pl.col("indicateur") == "absenteeism_rate").gather_every(14)["index"]
    kind = pl.DataFrame({"index": chosen, "kind": [place % len(BAD_KINDS) for place in range(len(chosen))]})
    marked = table.with_row_index().join(kind.cast({"index": pl.UInt32}), on="index", how="left", maintain_order="left")
    bad = marked.with_columns(pl.when(pl.col("kind").is_null()).then("valeur").otherwise(pl.lit("")).alias("valeur"))
    expected = {}
    for number, (group, (column, typed)) in enumerate(BAD_KINDS.items()):
        cell = pl.format(typed, "index") if "{}" in typed else pl.lit(typed)
        bad = bad.with_columns(pl.when(pl.col("kind") == number).then(cell).otherwise(column).alias(column))
        expected[group] = int(bad.select((pl.col("kind") == number).sum()).item())
    return bad.drop("index", "kind"), expected


def save(table: pl.DataFrame, path: Path) -> Path:
    """Write a file of semicolons in UTF-8, as it stands: no quotes, empty cells empty."""
    lines = table.select(pl.concat_str(table.columns, separator=";"))
    path.write_bytes(MEASURES.encode() + b"\n" + lines.write_csv(include_header=False, quote_style="never").encode())
    return path


def fill(store: Path) -> None:
    """Deposit the directory of the network and its first quarters."""
    with Network(str(store)) as network:
        regions = list(network.regions)
        directory = pl.DataFrame(
            {
                "line": range(2, STRUCTURES + 2),
                "structure": codes(),
                "name": [f"Structure {number} (fictive)" for number in range(STRUCTURES)],
                "kind": ["EI"] * STRUCTURES,
                "region": [regions[number % len(regions)] for number in range(STRUCTURES)],
                "country": ["FR"] * STRUCTURES,
            }
        )
        moment = datetime(2023, 1, 1, tzinfo=UTC).replace(tzinfo=None)
        submission = Submission(new_deposit_id(), "bench", moment, "structures", "s", b"s", directory.height, directory)
        store_submission(network.lake, submission)
        for place, quarter in enumerate(QUARTERS[:STORED]):
            rows = counts([quarter]).select(
                pl.int_range(2, pl.len() + 2).cast(pl.Int32).alias("line"),
                "structure",
                pl.lit(quarter.code).alias("period"),
                pl.lit(quarter.end).alias("period_end"),
                pl.col("indicateur").alias("indicator"),
                "segment",
                pl.col("counted").cast(pl.Float64).alias("numerator"),
                pl.col("of").cast(pl.Float64).alias("denominator"),
            )
            at = moment + timedelta(days=1 + place)
            store_submission(
                network.lake, Submission(new_deposit_id(), "bench", at, "measures", "m", b"m", rows.height, rows)
            )
        network.lake.compact()
