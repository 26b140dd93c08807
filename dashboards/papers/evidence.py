"""The evidence of one figure, for an auditor: what it is by which definition, and what was deposited, where, when."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.charts.titles import absence_label
from dashboards.components.tiles import counts_behind
from dashboards.papers.document import Paper, PaperBlock, PaperFacts, PaperSection, PaperTable, PaperText
from dashboards.wording.formatting import exact_value, format_amount, format_day, format_period
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Indicator
from indicators.figures.figure import Figure
from indicators.queries.deposits.provenance import DepositedFigure


@dataclass(frozen=True)
class Evidence:
    """What is known of a figure by its reader: the figure itself, sentences on its deposits, and the rows.

    `rows` are those of the table of deposited rows, and `figures` are what they were made of; `counted` are the rows of
    the register that counts the figure instead, if one does. They are management's, and empty for anybody else.
    """

    figure: Figure
    structure: str
    sentences: Sequence[str]
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Sequence[DepositedFigure]
    counted: Sequence[Sequence[str]]


def evidence_paper(evidence: Evidence, source: str, foot: str, t: Translator) -> Paper:
    """Return the paper of a figure's evidence."""
    indicator, period = evidence.figure.indicator, format_period(evidence.figure.period, t)
    deposits: list[PaperBlock] = [PaperText(" ".join(evidence.sentences))]
    if evidence.counted:
        deposits.append(counted_table(evidence.counted, t))
    if evidence.rows:
        widths, numbers = (16, 20, 26, 8, 16, 14), frozenset({3, 4})
        deposits.append(PaperTable(t("provenance.caption"), evidence.headers, evidence.rows, widths, numbers))
    sections = [
        PaperSection("figure", t("evidence.figure"), [figure_facts(evidence.figure, evidence.structure, t)]),
        PaperSection("deposits", t("evidence.deposits"), deposits),
        PaperSection("definition", t("evidence.definition"), [definition_facts(indicator, t)]),
    ]
    if evidence.figures:
        sections.append(PaperSection("files", t("evidence.files"), [file_facts(evidence.figures, t)]))
    subtitle = t("provenance.of", label=indicator.label(t.language), name=evidence.structure, period=period)
    return Paper(t("paper.evidence"), subtitle, t.language, source, foot, sections)


def counted_table(rows: Sequence[Sequence[str]], t: Translator) -> PaperTable:
    """Return the table of the rows of a register behind a figure."""
    headers = [
        *(t(f"evidence.column.{name}") for name in ("reference", "day", "counts")),
        *(t(f"provenance.column.{name}") for name in ("moment", "author", "file")),
    ]
    return PaperTable(t("evidence.counted_rows"), headers, rows, (20, 12, 10, 16, 12, 30), frozenset({2}))


def figure_facts(figure: Figure, structure: str, t: Translator) -> PaperFacts:
    """Return what a figure is: whose, of when, its value, the count behind it."""
    indicator, shown = figure.indicator, figure.shown
    value = format_amount(exact_value(shown, indicator), indicator, t) if shown else absence_label(figure, t)
    pairs = [
        (t("paper.column.indicator"), indicator.label(t.language)),
        (t("evidence.structure"), structure),
        (t("paper.column.period"), format_period(figure.covered_span, t)),
        (t("paper.column.value"), value),
    ]
    counted = counts_behind(figure, t)
    return PaperFacts([*pairs, (t("evidence.counted"), counted)] if counted else pairs)


def definition_facts(indicator: Indicator, t: Translator) -> PaperFacts:
    """Return the definition by which a figure is made, with its version."""
    language = t.language
    version = t("sheet.version.of", version=indicator.version, day=format_day(indicator.valid_from, t))
    denominator = (
        [(t("evidence.denominator"), indicator.denominator(language))] if indicator.denominator_required else []
    )
    return PaperFacts(
        [
            (t("sheet.version"), version),
            (t("evidence.numerator"), indicator.numerator(language)),
            *denominator,
            (t("sheet.inclusions"), indicator.inclusions(language)),
            (t("sheet.exclusions"), indicator.exclusions(language)),
            (t("sheet.does_not_say"), indicator.does_not_say(language)),
            (t("sheet.norm"), indicator.norm(language)),
        ]
    )


def file_facts(figures: Sequence[DepositedFigure], t: Translator) -> PaperFacts:
    """Return the files in which a figure was deposited: the id of each deposit, the digest of its bytes."""
    return PaperFacts(
        [
            (
                figure.file_name or t("history.erased"),
                t("evidence.file", deposit=figure.deposit, digest=figure.sha256 or "–"),
            )
            for figure in figures
        ]
    )
