"""The figures of a comparison as table, list and CSV: sorted by verdict, then by name. Never by value."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.time_step_choice import STEP_PARAM, STEP_URL_VALUES
from dashboards.app_pages.unpublished import PROTECTION_PATH, why_link
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, HtmlCell, details, facts, heading, join, link, markup, pictogram, table
from dashboards.downloads.spreadsheet_files import file_value, unit_name
from dashboards.wording.formatting import format_amount, format_count, format_period, to_fraction
from dashboards.wording.translations import Translator
from indicators.csv_files import SPREADSHEET, CellValue, rows_to_csv
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Span, Window
from indicators.figures.figure import Status, Value
from indicators.figures.time_steps import TimeStep
from indicators.judgement.funnel import FunnelVerdict
from indicators.queries.comparison.case_mix import hidden_case_mix, visible_case_mix
from indicators.queries.comparison.funnel_comparison import EXCLUSION_REASONS, Comparison
from indicators.snapshot import Snapshot

STANDING_OUT: Final = {FunnelVerdict.SIGNAL.value, FunnelVerdict.WATCH.value}
"""Verdicts of structures that stand out from the others."""
SIDE_PICTOGRAMS: Final = {"above": "high", "below": "low_side"}
"""Pictograms of the side on which a structure stands out: higher or lower, here neither good nor bad."""
FILE_COLUMNS: Final = (
    "structure", "nom", "indicateur", "libelle", "periode", "valeur", "unite", "numerateur", "denominateur", "lecture",
)  # fmt: skip
"""Columns of the files of a comparison and of a matrix."""
ROWS_PER_PAGE: Final = 50
"""Structures on one page of the table."""
MAX_LISTED_EXCLUDED: Final = 60
"""Excluded structures named for one reason; the others are only counted."""


def describe_verdict(row: Mapping[str, Any], t: Translator) -> str:
    """Return the funnel verdict of a structure in words."""
    if row["verdict"] is None:
        return t("compare.unread")
    verdict_label = t(f"compare.verdict.{row['verdict']}")
    if row["side"] is None:
        return verdict_label
    sentence = t("compare.read", verdict=verdict_label, side=t(f"compare.side.{row['side']}"))
    if row["widened"] is not None:
        sentence += t("list.separator") + t(f"compare.{'remains' if row['widened'] in STANDING_OUT else 'explained'}")
    return sentence


def _verdict_html(row: Mapping[str, Any], t: Translator) -> Markup:
    """Return the funnel verdict in words, with a pictogram if the structure stands out."""
    return join((pictogram(SIDE_PICTOGRAMS[row["side"]]) if row["side"] else "", describe_verdict(row, t)))


def render_table(
    context: PageContext, snapshot: Snapshot, comparison: Comparison, case_mix_rows: pl.DataFrame, *cache_key: Hashable
) -> None:
    """Draw one page of the table, sorted by verdict and name, with the case mix of each structure.

    The rendered page is cached for the store's version under `cache_key`.
    """
    comparison_rows = comparison.rows_by_verdict()
    if comparison_rows.is_empty():
        return
    with st.container(key="twin"):
        placeholder = st.empty()
        first = context.paginate(ROWS_PER_PAGE, comparison_rows.height)
    full_key = (
        "comparison table",
        *cache_key,
        first,
        context.params.get("periode"),
        *context.reader_key,
    )
    draw_html(
        snapshot.cached(
            full_key, lambda: _table_html(context, snapshot, comparison, case_mix_rows, comparison_rows, first)
        ),
        placeholder,
    )


def _table_html(
    context: PageContext,
    snapshot: Snapshot,
    comparison: Comparison,
    case_mix_rows: pl.DataFrame,
    comparison_rows: pl.DataFrame,
    first: int,
) -> Markup:
    t = context.t
    sheets = visible_case_mix(snapshot.catalogue, context.members_audience)
    headers = [t(f"compare.column.{name}") for name in ("structure", "read", "value", "counts")]
    headers += [sheet.short(context.language) for sheet in sheets]
    rows = [
        [
            HtmlCell(link(_board_url(context, row["structure"]), snapshot.structures[row["structure"]].name)),
            HtmlCell(_verdict_html(row, t)),
            HtmlCell(value_label(context, comparison.indicator, row), is_number=True),
            HtmlCell(_counts_label(context, row)),
            *(
                HtmlCell(_case_mix_label(context, snapshot, sheet.id, row[sheet.id]), is_number=True)
                for sheet in sheets
            ),
        ]
        for row in comparison_rows[first : first + ROWS_PER_PAGE]
        .join(case_mix_rows, on="structure", how="left", maintain_order="left")
        .to_dicts()
    ]
    period_name = format_period(comparison.period, t)
    caption = t("table.caption", label=comparison.indicator.label(context.language), name=period_name)
    return details(t("compare.table"), table(caption, headers, rows), is_open=comparison_rows.height > ROWS_PER_PAGE)


def excluded_html(context: PageContext, snapshot: Snapshot, comparison: Comparison) -> Markup:
    """Return the structures excluded from the comparison, by reason."""
    t = context.t
    title = heading(2, t("compare.left_out"))
    if comparison.excluded.is_empty():
        return title + markup("<p>{}</p>", t("compare.left_out.none"))
    items = []
    for reason in EXCLUSION_REASONS:
        structure_ids = comparison.excluded.filter(pl.col("reason") == reason)["structure"].to_list()
        if structure_ids:
            links: list[str] = [
                link(_board_url(context, name), snapshot.structures[name].name)
                for name in structure_ids[:MAX_LISTED_EXCLUDED]
            ]
            if len(structure_ids) > MAX_LISTED_EXCLUDED:
                links.append(t("compare.left_out.more", count=len(structure_ids) - MAX_LISTED_EXCLUDED))
            count_sentence = t("compare.left_out.count", count=len(structure_ids))
            why = markup(". {}", why_link(context.link(PROTECTION_PATH), t)) if reason == Status.WITHHELD else NO_HTML
            items.append((t(f"compare.reason.{reason}"), join((count_sentence, join(links, ", "), why))))
    return title + facts(items)


def case_mix_note(context: PageContext, snapshot: Snapshot, comparison: Comparison) -> Markup:
    """Explain which case-mix indicators stand beside the rates, and which are accounted for in them."""
    t = context.t
    shown_mix, controlled_for = (
        visible_case_mix(snapshot.catalogue, context.members_audience),
        hidden_case_mix(snapshot.catalogue, context.members_audience),
    )
    if comparison.rows_by_verdict().is_empty():
        return NO_HTML
    sentences = [t("compare.mix")] if shown_mix else []
    sentences += [t("compare.mix.kept", label=sheet.label(context.language)) for sheet in controlled_for]
    return markup('<p class="under">{}</p>', join(sentences, " ")) if sentences else NO_HTML


def structure_details(
    context: PageContext, snapshot: Snapshot, comparison: Comparison, case_mix_rows: pl.DataFrame, structure_id: str
) -> Markup:
    """Return the details of the selected structure, with links to its pages."""
    t = context.t
    structure = snapshot.structures[structure_id]
    row = comparison.rows.filter(pl.col("structure") == structure_id).row(0, named=True)
    region = snapshot.regions.get(structure.region)
    rows = [
        (t("structure.kind"), t(f"kind.{structure.kind}")),
        (t("structure.region"), region.name(context.language) if region else structure.region),
    ]
    if row["value"] is None:
        reasons = dict(comparison.excluded.iter_rows())
        rows.append((t("compare.column.reason"), t(f"compare.reason.{reasons[structure_id]}")))
    else:
        rows += [
            (t("compare.column.read"), _verdict_html(row, t)),
            (t("compare.column.value"), value_label(context, comparison.indicator, row)),
            (t("compare.column.counts"), _counts_label(context, row)),
        ]
    for sheet in visible_case_mix(snapshot.catalogue, context.members_audience):
        value = case_mix_rows.filter(pl.col("structure") == structure_id)[sheet.id].to_list()
        if value and value[0] is not None:
            rows.append((sheet.short(context.language), _case_mix_label(context, snapshot, sheet.id, value[0])))
    indicator_link = indicator_url(context, comparison.indicator, structure_id, comparison.period)
    peers_link = context.url(affichage="petits-multiples", structure=structure_id, page=None)
    links = [
        link(_board_url(context, structure_id), t("compare.one.board")),
        link(indicator_link, t("compare.one.sheet")),
        link(peers_link, t("compare.one.peers")),
    ]
    return heading(3, structure.name) + facts(rows, brief=True) + markup('<p class="links">{}</p>', join(links, " "))


def render_download(context: PageContext, snapshot: Snapshot, comparison: Comparison) -> None:
    """Draw the download button of the figures shown, if any: a CSV sorted by name, written on click."""
    t = context.t
    if comparison.rows_by_verdict().is_empty():
        return

    def to_csv() -> bytes:
        rows = [
            file_row(
                context, snapshot.structures[row["structure"]], comparison.indicator, comparison.period, row,
                describe_verdict(row, t),
            )
            for row in comparison.rows.filter(pl.col("value").is_not_null()).iter_rows(named=True)
        ]  # fmt: skip
        return rows_to_csv(FILE_COLUMNS, rows, SPREADSHEET)

    file_name = f"comparaison-{comparison.indicator.id}-{comparison.period.code}.csv"
    context.offer_download(t("compare.csv"), to_csv, file_name, "text/csv", "taken comparison")
    draw_html(markup('<p class="dialect">{}</p>', t("dialect.spreadsheet")))


def file_row(
    context: PageContext, structure: Structure, indicator: Indicator, span: Span, row: Mapping[str, Any], reading: str
) -> Sequence[CellValue]:
    """Return a row of a file, `FILE_COLUMNS`, of a row with value, numerator and denominator; null if not shown."""
    counts = (row["numerator"], row["denominator"])
    known = row["value"] is not None
    value = file_value(Value(row["value"], *counts, contributors=1), indicator, context.audience) if known else None
    figure_columns = (
        indicator.id,
        indicator.label(context.language),
        span.code,
        value,
        unit_name(indicator, context.t),
    )
    return (structure.id, structure.name, *figure_columns, *(counts if known else (None, None)), reading)


def indicator_url(context: PageContext, indicator: Indicator, structure: str, span: Span) -> str:
    """Return the address of a structure's series of the indicator, in the same time step."""
    step = STEP_URL_VALUES[TimeStep.ROLLING] if isinstance(span, Window) else None
    return context.link("indicateur", indicateur=indicator.id, structure=structure, **{STEP_PARAM: step})


def _board_url(context: PageContext, structure: str) -> str:
    return context.link("structure", structure=structure)


def value_label(context: PageContext, indicator: Indicator, row: Mapping[str, Any]) -> str:
    """Return the value of a row in words; a rate is rounded from its counts, as its tile is."""
    value = row["value"]
    if indicator.aggregation == "ratio" and row["numerator"] is not None and row["denominator"]:
        value = to_fraction(row["numerator"]) / to_fraction(row["denominator"]) * to_fraction(indicator.scale)
    return format_amount(value, indicator, context.t)


def _counts_label(context: PageContext, row: Mapping[str, Any]) -> str:
    if row["numerator"] is None or row["denominator"] is None:
        return ""
    cases, total = (format_count(row[name], context.language) for name in ("numerator", "denominator"))
    return context.t("compare.counts", cases=cases, total=total)


def _case_mix_label(context: PageContext, snapshot: Snapshot, name: str, value: float | None) -> str:
    return "–" if value is None else format_amount(value, snapshot.catalogue[name], context.t, 0)
