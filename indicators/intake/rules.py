"""Business rules: what a file may say, given the catalogue, the network and what is being collected.

They come after the contract, on typed columns. Each rule tells the lines that break it and says nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Final

import polars as pl

from indicators.catalogue import Catalogue, Indicator
from indicators.intake.header import Table
from indicators.intake.report import SAMPLE, Report
from indicators.network import Reading
from indicators.perimeters import Structures
from indicators.periods import Frequency, Period
from schemas.findings import Severity

WHOLE_SEGMENT: Final = "ensemble"
FEW: Final = 100
"""Structures up to which it is worth naming them to the store."""
FINEST: Final = 6
"""Decimals beyond which a stated rate is no longer compared with its counts."""


@dataclass(frozen=True)
class Collected:
    """What is being collected and from whom, where it is known (the page knows both)."""

    period: Period | None = None
    structure: str | None = None


@dataclass(frozen=True)
class Rules:
    """A typed table under examination, with all that the rules may look at."""

    table: Table
    typed: pl.DataFrame
    reading: Reading
    collected: Collected
    today: date
    report: Report

    @property
    def structures(self) -> Structures:
        """Structures of the network."""
        return self.reading.structures

    def tell(
        self,
        code: str,
        broken: pl.Expr,
        at: str | None = None,
        severity: Severity | None = None,
        suggestion: pl.Expr | None = None,
        values: Mapping[str, pl.Expr] = MappingProxyType({}),
    ) -> None:
        """Tell every line where `broken` is true; the other expressions fill the suggestion and the sentence."""
        if code == "C01" and at not in self.report.places:
            return  # the whole column is missing, and was told
        lines = (
            self.typed.with_row_index("index")
            .filter(broken.fill_null(value=False))
            .select(
                "index",
                (suggestion if suggestion is not None else pl.lit(None)).cast(pl.String).alias("suggestion"),
                *(value.alias(f"value:{name}") for name, value in values.items()),
            )
        )
        texts = self.table.texts[at] if at else None
        sample = (
            (
                row["index"],
                texts[row["index"]] if texts is not None else None,
                row["suggestion"],
                {name: row[f"value:{name}"] for name in values},
            )
            for row in lines.head(SAMPLE).iter_rows(named=True)
        )
        self.report.tell_each(code, sample, lines.height, severity, at)

    def on(self, typed: pl.DataFrame) -> "Rules":
        """Return the same examination, looking at other columns of the same lines."""
        return replace(self, typed=typed)


def apply_rules(rules: Rules) -> pl.DataFrame:
    """Apply the rules of a dataset, duplicates first; return the rows to be stored, in the columns of their table."""
    typed = rules.typed
    if "structure" in typed.columns and rules.table.dataset.name != "structures":
        _depositor(rules)
    match rules.table.dataset.name:
        case "measures":
            typed = _measures(rules)
        case "actions":
            # An action cannot be closed without a verdict (METHODS 8).
            rules.tell("C01", (pl.col("status") == "closed") & pl.col("effectiveness").is_null(), "effectiveness")
        case "cibles":
            _targets(rules)
        case _:
            pass
    kept = typed.filter(_once(rules, typed))
    return kept.select(
        "line",
        *(column.name for column in rules.table.dataset.columns),
        *(set(kept.columns) & {"absence", "period_end"}),
    )


def _once(rules: Rules, typed: pl.DataFrame) -> pl.Series:
    """Tell the rows that repeat a key: identical ones are kept once, contradictory ones block. Return what to keep."""
    key = list(rules.table.dataset.key)
    fields = [column.name for column in rules.table.dataset.columns]
    said, said_key = [f"{name}:said" for name in fields], [f"{name}:said" for name in key]
    # A cell that could not be read still repeats itself: rows are compared by what it says.
    texts = rules.table.texts.select(pl.col(name).alias(f"{name}:text") for name in fields)
    keyed = (
        typed.with_row_index("index")
        .hstack(texts)
        .with_columns(
            pl.coalesce(pl.col(name).cast(pl.String), f"{name}:text").alias(f"{name}:said") for name in fields
        )
    )
    keyed = keyed.with_columns(
        pl.col("line").first().over(said_key).alias("first"),
        pl.struct(said).first().over(said_key).eq(pl.struct(said)).alias("same"),
        pl.all_horizontal(pl.col(name).is_not_null() for name in said_key).alias("whole"),
    )
    again = keyed.filter(pl.col("whole") & (pl.col("line") != pl.col("first")))
    for code, lines in (("R07", again.filter("same")), ("R08", again.filter(~pl.col("same")))):
        sample = (
            (row["index"], None, None, {"other": row["first"]}) for row in lines.head(SAMPLE).iter_rows(named=True)
        )
        rules.report.tell_each(code, sample, lines.height)
    return ~keyed["index"].is_in(again["index"].implode())


def _depositor(rules: Rules) -> None:
    """Rows must be of the structure that deposits."""
    own = rules.collected.structure
    if own is not None:
        rules.tell("I08", pl.col("structure") != own, "structure", values={"own": pl.lit(own)})


def _targets(rules: Rules) -> None:
    ends = pl.col("ends").map_elements(lambda code: Period.parse(code).end, return_dtype=pl.Date)
    starts = pl.col("starts").map_elements(lambda code: Period.parse(code).start, return_dtype=pl.Date)
    rules.tell("X06", starts > ends, "ends")


def _measures(rules: Rules) -> pl.DataFrame:
    """Complete the rows of `measures`, then hold them against the catalogue, the structures and the calendar."""
    typed = _complete(rules)
    rules = rules.on(typed)
    _counts(rules)
    _stated_rates(rules)
    _sums(rules)
    _calendar(rules)
    _applicable(rules)
    stored = _stored(rules)
    _changes(rules, stored)
    _expected(rules, stored)
    return typed


def _sheets(catalogue: Catalogue) -> pl.DataFrame:
    """What the rules need of each indicator, one row an indicator."""
    return pl.DataFrame(
        [
            (
                sheet.id,
                sheet.scale,
                sheet.denominator_required,
                sheet.numerator_whole,
                sheet.counted_in == "people" and sheet.capped,
                sheet.unit == "%",
                *map(float, sheet.range),
            )
            for sheet in catalogue
        ],
        schema={
            "indicator": pl.String,
            "scale": pl.Float64,
            "divided": pl.Boolean,
            "whole": pl.Boolean,
            "heads": pl.Boolean,
            "percent": pl.Boolean,
            "lowest": pl.Float64,
            "highest": pl.Float64,
        },
        orient="row",
    )


def _complete(rules: Rules) -> pl.DataFrame:
    """Settle each row as counted, stated or absent, and give it its segment and the last day of its period.

    An absence in the numerator makes the row absent; a count that stands in the value column is the numerator.
    """
    absent = pl.col("numerator:absence").is_not_null() | (
        pl.col("numerator").is_null() & pl.col("value:absence").is_not_null()
    )
    ends = {code: Period.parse(code).end for code in rules.typed["period"].drop_nulls().unique()}
    value = pl.when(~absent).then("value")
    return (
        rules.typed.join(_sheets(rules.reading.catalogue), on="indicator", how="left", maintain_order="left")
        .with_columns(
            pl.col("segment").fill_null(WHOLE_SEGMENT),
            pl.when(absent).then(pl.coalesce("numerator:absence", "value:absence")).alias("absence"),
            pl.when(pl.col("divided")).then("numerator").otherwise(pl.coalesce("numerator", value)).alias("numerator"),
            value.alias("value"),
            pl.col("period").replace_strict(ends, default=None, return_dtype=pl.Date).alias("period_end"),
        )
        .with_columns(
            (pl.col("numerator") / pl.when("divided").then("denominator").otherwise(1) * pl.col("scale")).alias("rate")
        )
    )


def _counts(rules: Rules) -> None:
    """A row is counted whole, or states a rate alone, or says why it has neither."""
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    empty = rules.table.texts.select(pl.col("numerator", "denominator").is_null().name.suffix(":empty"))
    rules = rules.on(rules.typed.hstack(empty))
    nothing = pl.col("numerator:empty") & pl.col("absence").is_null() & numerator.is_null()
    rules.tell("C01", nothing & (pl.col("value").is_null() | denominator.is_not_null()), "numerator")
    rules.tell("C01", pl.col("divided") & numerator.is_not_null() & pl.col("denominator:empty"), "denominator")
    rules.tell(
        "C02", pl.col("divided") & numerator.is_not_null() & pl.col("denominator:absence").is_not_null(), "denominator",
        Severity.BLOCKING,
    )  # fmt: skip
    rules.tell("C08", pl.col("whole") & (numerator != numerator.floor()), "numerator")
    rules.tell("C08", pl.col("heads") & (denominator != denominator.floor()), "denominator")
    counted = numerator.is_not_null() & (numerator >= 0) & (denominator.is_null() | (denominator > 0))
    within = pl.col("rate").is_between(pl.col("lowest"), pl.col("highest"))
    over = (numerator > denominator) & pl.col("capped")
    bounds = {name: pl.when(pl.col(name).is_finite()).then(name) for name in ("lowest", "highest")}
    rules.tell("C07", counted & ~within & ~over.fill_null(value=False), "numerator", values=bounds)
    stated = pl.col("value").is_not_null() & numerator.is_null()
    rules.tell("C07", stated & ~pl.col("value").is_between(pl.col("lowest"), pl.col("highest")), "value", values=bounds)


def _stated_rates(rules: Rules) -> None:
    """A rate stated beside its counts must be theirs, to the decimals it shows."""
    shown = pl.min_horizontal(pl.col("value:decimals").fill_null(0), pl.lit(FINEST))
    tolerance = pl.lit(10.0).pow(-shown.cast(pl.Float64)) * 1.0000001
    off = (pl.col("value") - pl.col("rate")).abs() > tolerance
    over = (pl.col("numerator") > pl.col("denominator")) & pl.col("capped")
    exact = pl.col("rate").round(1)
    rules.tell(
        "X02",
        off & pl.col("rate").is_finite() & (pl.col("numerator") >= 0) & ~over.fill_null(value=False),
        "value",
        suggestion=exact.cast(pl.String).str.replace(".", ",", literal=True),
        values={"exact": exact},
    )


def _sums(rules: Rules) -> None:
    """A total must be the sum of its parts, in the same structure, period and segment."""
    key = ["structure", "period", "segment"]
    for total, parts in rules.reading.catalogue.sums.items():
        wide = (
            rules.typed.filter(pl.col("indicator").is_in([total, *parts]) & pl.col("numerator").is_not_null())
            .unique([*key, "indicator"], keep="first")
            .group_by(key)
            .agg(
                pl.col("numerator").filter(pl.col("indicator") == total).first().alias("total"),
                pl.col("numerator").filter(pl.col("indicator") != total).sum().alias("parts"),
                (pl.len() == len(parts) + 1).alias("complete"),
            )
            .filter(pl.col("complete") & (pl.col("total") != pl.col("parts")))
        )
        if wide.height:
            broken = rules.typed.join(wide.select(*key, "parts"), on=key, how="left", maintain_order="left")
            told = rules.on(broken)
            told.tell(
                "X03",
                (pl.col("indicator") == total) & pl.col("parts").is_not_null(),
                "numerator",
                values={"parts": pl.col("parts")},
            )


def _calendar(rules: Rules) -> None:
    """A row must be of a period that is over, that its indicator is collected for, and that is being collected."""
    pairs = rules.typed.select("indicator", "period").drop_nulls().unique().iter_rows()
    wanted: dict[tuple[str, str], str] = {}
    for name, code in pairs:
        sheet, period = rules.reading.catalogue[name], Period.parse(code)
        expected = _expected_period(sheet, period, rules.collected.period)
        if expected is not None:
            wanted[name, code] = expected
    together = pl.concat_str("indicator", "period", separator=" ")
    spelled = {f"{name} {code}": expected for (name, code), expected in wanted.items()}
    rules.tell(
        "B01",
        together.is_in(list(spelled)),
        "period",
        values={"wanted": together.replace_strict(spelled, default=None, return_dtype=pl.String)},
    )
    rules.tell("B02", pl.col("period_end") >= rules.today, "period")


def _expected_period(sheet: Indicator, period: Period, collected: Period | None) -> str | None:
    """Return the period or the frequency that was expected instead, if this one was not.

    A figure may always be given for the whole year, as the year's own.
    """
    if collected is not None:
        own = Period.latest_ended(collected.end, sheet.frequency)
        year = Period.latest_ended(collected.end, Frequency.YEAR)
        return None if period in {own, year, collected} and _collectable(sheet, period) else own.code
    return None if _collectable(sheet, period) else sheet.frequency.value


def _collectable(sheet: Indicator, period: Period) -> bool:
    return period.frequency in {sheet.frequency, Frequency.YEAR}


def _applicable(rules: Rules) -> None:
    """A structure reports for its kind, and for the time it was open."""
    apart: set[str] = set()
    closed: set[str] = set()
    for structure_id, name, code in (
        rules.typed.select("structure", "indicator", "period").drop_nulls().unique().iter_rows()
    ):
        structure = rules.structures[structure_id]
        if not rules.reading.catalogue[name].applies_to(structure.kind):
            apart.add(f"{structure_id} {name}")
        if not structure.open_during(Period.parse(code)):
            closed.add(f"{structure_id} {code}")
    kind = pl.col("structure").replace_strict(
        {s.id: s.kind for s in rules.structures.by_id.values()}, default=None, return_dtype=pl.String
    )
    rules.tell(
        "B06",
        pl.concat_str("structure", "indicator", separator=" ").is_in(list(apart)),
        "indicator",
        values={"kind": kind},
    )
    rules.tell("I09", pl.concat_str("structure", "period", separator=" ").is_in(list(closed)), "period")


def _stored(rules: Rules) -> pl.DataFrame:
    """Measures in force of the structures of the file, for its periods and for the one before the one collected."""
    structures = rules.typed["structure"].drop_nulls().unique().to_list()
    periods = rules.typed["period"].drop_nulls().unique().to_list()
    if rules.collected.period is not None:
        periods.append(rules.collected.period.shifted(-1).code)
    everyone = len(structures) > FEW
    return rules.reading.ask("stored_measures", structures=structures, everyone=everyone, periods=periods)


def _changes(rules: Rules, stored: pl.DataFrame) -> None:
    """Values that differ from those in force are replaced only if the depositor says why."""
    key = ["structure", "period", "indicator", "segment"]
    counts = ["numerator", "denominator", "value"]
    former = rules.typed.join(stored, on=key, how="left", suffix=":former", maintain_order="left")
    differs = pl.any_horizontal(
        *(pl.col(name).ne_missing(pl.col(f"{name}:former")) for name in counts[:2]),
        pl.col("numerator").is_null() & pl.col("value").ne_missing(pl.col("value:former")),
    )
    told = rules.on(former)
    told.tell(
        "B04",
        pl.col("stored").fill_null(value=False) & differs,
        "numerator",
        values={
            "former": pl.coalesce("numerator:former", "value:former"),
            "former_denominator": pl.col("denominator:former"),
        },
    )


def _expected(rules: Rules, stored: pl.DataFrame) -> None:
    """What the structure delivered for the period before is expected again."""
    period, structure = rules.collected.period, rules.collected.structure
    if period is None or structure is None:
        return
    before = (pl.col("structure") == structure) & (pl.col("period") == period.shifted(-1).code)
    reported = stored.filter(before & pl.col("absence").is_null())["indicator"].unique().sort()
    for indicator in reported.filter(~reported.is_in(rules.typed["indicator"].implode())):
        rules.report.tell("X04", at="indicator", suggestion=indicator, wanted=indicator)
