"""Signals of a quarter across the network: latest points not explained by their own past. Not a ranking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from indicators.definitions.baselines import segment_starts
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.judgement import MIN_JUDGED_CASES
from indicators.judgement.control_charts_vectorised import latest_signals, variation_column
from indicators.judgement.cusum import latest_lasting_changes
from indicators.judgement.special_causes import Signal
from indicators.queries.comparison.scope import sort_by_name
from indicators.queries.figures.assessed_board import has_lasting_changes, is_independent_series
from indicators.queries.figures.multi_indicator import figures_of_structures
from indicators.snapshot import QueryContext, Snapshot, per_version

SIGNALS_BY_CHANCE: Final = 0.035
"""Share of pure-noise series whose latest point, the twentieth, has a special cause (computed, in tests)."""
LASTING_CHANGES_BY_CHANCE: Final = 0.04
"""Share of unchanged series of people with a reported lasting change over the twenty quarters after their base
(computed, in tests)."""
SIGNAL_SCHEMA: Final = dict.fromkeys(
    ("structure", "indicator", "signal", "side", "variation", "since", "grade"), pl.String
)


@dataclass(frozen=True, eq=False)
class NetworkSignals:
    """The special causes of a quarter.

    `rows` has one row per latest point with a special cause: structure, indicator, signal (`Signal`), side (`Side`),
    variation (`Variation`), since (the code of the period of its first detection) and grade (`Grade`, lasting changes
    only); sorted by the name of the structure, then in the order of the catalogue. `tested` counts the series tested in
    the quarter: thirteen points and enough cases, or counts after a base of sixteen quarters. `tested_for_lasting`
    counts those of them that are rates of people.
    """

    rows: pl.DataFrame
    tested: int
    tested_for_lasting: int

    @property
    def expected_by_chance(self) -> int:
        """Expected number of special causes by chance alone in as many series."""
        return round(
            (self.tested - self.tested_for_lasting) * SIGNALS_BY_CHANCE
            + self.tested_for_lasting * LASTING_CHANGES_BY_CHANCE
        )


def find_network_signals(
    context: QueryContext, indicators: Sequence[Indicator], quarter: Period, perimeter: Perimeter = NETWORK
) -> NetworkSignals:
    """Return the signals of some indicators among figures whose period ends with the quarter, in a perimeter.

    Of a perimeter, they are those of the structures that were in it at the end of the quarter.
    The entire past of a network is read, a few indicators at a time; results are small and cached for the store's
    version.
    """
    indicator_ids = [sheet.id for sheet in indicators]
    families = {tuple(sorted(context.snapshot.catalogue.with_linked([name]))): None for name in indicator_ids}
    frames = [_find_signals(context, family, quarter) for family in families]
    tested = pl.concat([pl.DataFrame(schema=SIGNAL_SCHEMA), *frames]).filter(pl.col("indicator").is_in(indicator_ids))
    if perimeter != NETWORK:
        members = context.snapshot.structures.members_on(perimeter, quarter.end)
        tested = tested.filter(pl.col("structure").is_in(members))
    structure_ids = set(tested["structure"])
    structures = sort_by_name(
        context.snapshot,
        (structure for structure in context.snapshot.structures.by_id.values() if structure.id in structure_ids),
    )
    rank_by_structure = {structure.id: place for place, structure in enumerate(structures)}
    order = {sheet.id: place for place, sheet in enumerate(context.snapshot.catalogue)}
    rows = tested.filter(pl.col("signal").is_not_null()).sort(
        pl.col("structure").replace_strict(rank_by_structure, return_dtype=pl.Int64),
        pl.col("indicator").replace_strict(order, return_dtype=pl.Int64),
    )
    with_lasting_changes = [sheet.id for sheet in indicators if has_lasting_changes(sheet)]
    return NetworkSignals(rows, tested.height, int(tested["indicator"].is_in(with_lasting_changes).sum()))


@per_version
def _find_signals(context: QueryContext, family: Sequence[str], quarter: Period) -> pl.DataFrame:
    """Return the result of the tests on the latest points of linked indicators, one row per tested series."""
    sheets = [context.snapshot.catalogue[name] for name in family]
    visible = [sheet for sheet in sheets if context.audience.sees(sheet.audience) and is_independent_series(sheet)]
    periods = {sheet.id: _periods(context.snapshot, sheet, quarter) for sheet in visible}
    spans_by_indicator = {name: spans for name, spans in periods.items() if spans}
    if not spans_by_indicator:
        return pl.DataFrame(schema=SIGNAL_SCHEMA)
    figures = figures_of_structures(context, list(context.snapshot.structures.by_id), spans_by_indicator).rows
    places = pl.DataFrame(
        [(name, span.code, place) for name, spans in spans_by_indicator.items() for place, span in enumerate(spans)],
        schema={"indicator": pl.String, "period": pl.String, "position": pl.Int64},
        orient="row",
    )
    last = {name: len(spans) - 1 for name, spans in spans_by_indicator.items()}
    directions = {sheet.id: sheet.direction.value for sheet in visible}
    points = (
        figures.lazy()
        .join(places.lazy(), on=["indicator", "period"])
        .join(
            _last_segment_starts(context.snapshot, spans_by_indicator).lazy(), on=["structure", "indicator"], how="left"
        )
        .filter(pl.col("begun").is_null() | (pl.col("position") >= pl.col("begun")))
        .select(
            "structure",
            "indicator",
            "position",
            "value",
            "numerator",
            "denominator",
            pl.col("indicator").replace_strict(directions, return_dtype=pl.String).alias("direction"),
        )
        .collect()
    )
    if points.is_empty():
        return pl.DataFrame(schema=SIGNAL_SCHEMA)
    ends_with_quarter = pl.col("position") == pl.col("indicator").replace_strict(last, return_dtype=pl.Int64)
    has_lasting_changes_only = pl.col("indicator").is_in([sheet.id for sheet in visible if has_lasting_changes(sheet)])
    results = pl.concat(
        [
            _special_causes(points.filter(~has_lasting_changes_only), visible, ends_with_quarter),
            _lasting_changes(points.filter(has_lasting_changes_only), ends_with_quarter),
        ]
    )
    since = places.select("indicator", pl.col("position").alias("since"), pl.col("period"))
    return (
        results.join(since, on=["indicator", "since"], how="left", maintain_order="left")
        .with_columns(pl.col("period").alias("since"))
        .select(pl.col(name).cast(pl.String) for name in SIGNAL_SCHEMA)
    )


def _special_causes(points: pl.DataFrame, family: Sequence[Indicator], ends_with_quarter: pl.Expr) -> pl.DataFrame:
    """Return the results of the control chart tests for series that end with the quarter and have enough cases."""
    sized_ids = [sheet.id for sheet in family if sheet.needs_enough_cases]
    has_too_few_cases = pl.col("indicator").is_in(sized_ids) & (pl.col("denominator") < MIN_JUDGED_CASES)
    return (
        latest_signals(points.select("structure", "indicator", "position", "value", "direction"))
        .filter(ends_with_quarter & pl.col("variation").is_not_null())
        .join(
            points.filter(ends_with_quarter & has_too_few_cases),
            on=["structure", "indicator"],
            how="anti",
            maintain_order="left",
        )
        .select(
            *("structure", "indicator", "signal", "side", "variation"),
            pl.when(pl.col("signal").is_not_null()).then("position").alias("since"),
            pl.lit(None, pl.String).alias("grade"),
        )
    )


def _lasting_changes(points: pl.DataFrame, ends_with_quarter: pl.Expr) -> pl.DataFrame:
    """Return the results of the CUSUM for series that end with the quarter."""
    cases, total = pl.col("numerator"), pl.col("denominator")
    # As in `Figure.proportion`: invalid counts are a gap, never an error of the page.
    are_counts = (cases >= 0) & (cases <= total) & (cases == cases.round()) & (total == total.round())
    counts = points.with_columns(
        pl.when(are_counts & pl.col("value").is_not_null()).then(name).alias(name)
        for name in ("numerator", "denominator")
    )
    directions = points.select("structure", "indicator", "direction").unique()
    return (
        latest_lasting_changes(counts.select("structure", "indicator", "position", "numerator", "denominator"))
        .filter(ends_with_quarter & pl.col("tested"))
        .join(directions, on=["structure", "indicator"], how="left", maintain_order="left")
        .select(
            "structure",
            "indicator",
            pl.when(pl.col("side").is_not_null()).then(pl.lit(Signal.LASTING)).alias("signal"),
            "side",
            variation_column(pl.col("tested")).alias("variation"),
            "since",
            "grade",
        )
    )


def _periods(snapshot: Snapshot, indicator: Indicator, quarter: Period) -> Sequence[Period]:
    """Return the periods of an indicator from the first reported to the one that ends with the quarter, if any."""
    latest = Period.latest_ended(quarter.end, indicator.frequency)
    codes = snapshot.reported_periods["period"]
    reported = [period for period in map(Period.parse, codes) if period.frequency is indicator.frequency]
    first = min(reported, default=latest)
    if latest.end != quarter.end or latest < first:
        return []
    periods = [latest]
    while periods[-1] > first:
        periods.append(periods[-1].shifted(-1))
    return periods[::-1]


def _last_segment_starts(snapshot: Snapshot, spans_by_indicator: Mapping[str, Sequence[Period]]) -> pl.DataFrame:
    """Return the start position of the last segment of each series with breaks: structure, indicator, begun."""
    rows = []
    with_breaks = {rebasing.indicator for rebasing in snapshot.rebaselines}
    with_breaks |= {name for name in spans_by_indicator if snapshot.catalogue[name].redefined_on}
    for name in with_breaks & spans_by_indicator.keys():
        for structure in snapshot.structures.by_id:
            breaks = snapshot.breaks(Perimeter(Level.STRUCTURE, structure), name)
            if positions := segment_starts(breaks, spans_by_indicator[name]):
                rows.append((structure, name, max(positions)))
    return pl.DataFrame(rows, schema={"structure": pl.String, "indicator": pl.String, "begun": pl.Int64}, orient="row")
