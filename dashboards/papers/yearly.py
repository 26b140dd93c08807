"""The two papers of a year: the management review, and the dossier of a contract of objectives.

The review has its inputs in the order of ISO 9001:2015, 9.3.2, in our own words, then the outputs of 9.3.3.
"""

from collections.abc import Sequence

from dashboards.papers.blocks import MAX_CHARTS, PaperWriter
from dashboards.papers.document import PaperBlank, PaperBlock, PaperList, PaperSection, PaperTable, PaperText
from indicators.figures.figure import Figure
from indicators.queries.papers.contents import ContractIndicator, DialogueContent, ReviewContent

RESOURCE_FAMILIES = ("resources", "contracts", "training", "work")
OUTPUTS = ("improvement", "system", "resources")


def review_sections(content: ReviewContent, writer: PaperWriter) -> list[PaperSection]:
    """Return the yearly review: the inputs a to f in their order, then the outputs to fill in."""
    t = writer.t

    def section(key: str, blocks: Sequence[PaperBlock], level: int = 2, *, takes_comments: bool = True) -> PaperSection:
        return PaperSection(key, t(f"paper.review.{key}"), blocks, level, takes_comments)

    earlier = writer.actions(t("paper.review.earlier.caption"), content.earlier, t("paper.review.earlier.nothing"))
    return [
        section("earlier", _of_registers(content, writer, earlier)),
        section("issues", [PaperBlank(t("paper.review.issues.blank"))]),
        section("performance", [PaperText(t("paper.review.performance.intro"), quiet=True)], takes_comments=False),
        *(section(key, blocks, 3) for key, blocks in _performance(content, writer)),
        section(
            "means",
            writer.figures(
                t("paper.review.means.caption"), content.of_families(*RESOURCE_FAMILIES), t("paper.figures.nothing")
            ),
        ),
        section("risks", _of_registers(content, writer, _risks(content, writer))),
        section("improvements", _of_registers(content, writer, _improvements(content, writer))),
        section("outputs", [PaperText(t("paper.review.outputs.intro"), quiet=True)], takes_comments=False),
        *(section(f"output.{name}", [PaperBlank(t("paper.blank.decisions"), 4)], 3) for name in OUTPUTS),
    ]


def _of_registers(content: ReviewContent, writer: PaperWriter, blocks: Sequence[PaperBlock]) -> Sequence[PaperBlock]:
    """Return blocks made of registers, or the sentence that they are not in this version."""
    return blocks if content.registers else [PaperText(writer.t("paper.public_only"), quiet=True)]


def _performance(content: ReviewContent, writer: PaperWriter) -> list[tuple[str, Sequence[PaperBlock]]]:
    """Return the seven parts of the performance, in their order."""
    t = writer.t
    requests = writer.requests(
        t("paper.requests", count=len(content.requests)), content.requests, t("paper.requests.nothing")
    )
    satisfaction = writer.figures(
        t("paper.review.satisfaction.caption"), content.of_families("quality"), t("paper.figures.nothing")
    )
    audits = writer.actions(t("paper.review.audits.caption"), content.audits, t("paper.review.audits.nothing"))
    return [
        ("satisfaction", [*satisfaction, *(requests if content.registers else ())]),
        ("objectives", _objectives(content, writer)),
        ("processes", writer.figures(t("paper.review.processes.caption"), content.figures, t("paper.figures.nothing"))),
        ("nonconformities", _of_registers(content, writer, _balances(content, writer))),
        ("monitoring", writer.signals(content.signals, t("paper.signals.nothing"))),
        ("audits", _of_registers(content, writer, audits)),
        ("providers", [PaperBlank(t("paper.review.providers.blank"))]),
    ]


def _objectives(content: ReviewContent, writer: PaperWriter) -> list[PaperBlock]:
    t, figures = writer.t, content.with_target
    met = [assessed for assessed in figures if assessed.target_figure.meets_target]
    table = writer.figures(t("paper.review.objectives.caption"), figures, t("paper.review.objectives.nothing"))
    if not figures:
        return table
    counted = t("paper.review.objectives.met", count=len(met), total=writer.count(len(figures)))
    return [PaperText(counted), *table]


def _balances(content: ReviewContent, writer: PaperWriter) -> list[PaperBlock]:
    t = writer.t
    if not content.balances:
        return writer.nothing(t("paper.review.balances.nothing"))
    names = ("kind", "opened", "done", "running", "late", "effective")
    rows = [
        [
            t(f"paper.kind.{each.kind}"),
            writer.count(each.opened),
            writer.count(each.closed),
            writer.count(each.running),
            writer.count(each.overdue),
            t("paper.plan.share", completed=writer.count(each.effective), planned=writer.count(each.verified))
            if each.verified
            else "–",
        ]
        for each in content.balances
    ]
    subject = writer.subject
    caption = t("paper.review.balances.caption", year=subject.day.year, day=writer.day(subject.day))
    table = writer.table(caption, [t(f"paper.column.{name}") for name in names], rows, (25, 15, 15, 15, 15, 15))
    undated = sum(each.undated for each in content.balances)
    if not (undated and subject.is_past):
        return [table]
    sentence = t("paper.review.balances.undated", count=undated, day=writer.day(subject.today))
    return [table, PaperText(sentence, quiet=True)]


def _risks(content: ReviewContent, writer: PaperWriter) -> list[PaperBlock]:
    t = writer.t
    return writer.actions(t("paper.review.risks.caption"), content.preventive, t("paper.review.risks.nothing"))


def _improvements(content: ReviewContent, writer: PaperWriter) -> list[PaperBlock]:
    t = writer.t
    return writer.actions(
        t("paper.review.improvements.caption"), content.improvements, t("paper.review.improvements.nothing")
    )


def dialogue_sections(content: DialogueContent, writer: PaperWriter) -> list[PaperSection]:
    """Return the dossier: the indicators with targets over the years of the contract, and what there is to say."""
    t = writer.t
    span = {"first": content.years[0], "last": content.years[-1]}
    intro = PaperText(t("paper.dialogue.intro", reviewed=content.reviewed_in, **span))
    if not content.indicators:
        figures: list[PaperBlock] = [intro, PaperText(t("paper.dialogue.nothing"), quiet=True)]
    else:
        figures = [intro, _years_table(content, writer), PaperList(_gaps(content.indicators, writer))]
    charted = [each for each in content.indicators if sum(f is not None and bool(f.shown) for f in each.figures) > 1]
    charts = [
        writer.series_chart(each.indicator, [figure for figure in each.figures if figure], None)
        for each in charted[: 2 * MAX_CHARTS]
    ]
    return [
        PaperSection("targets", t("paper.dialogue.targets"), figures),
        PaperSection("curves", t("paper.dialogue.curves"), charts or writer.nothing(t("paper.dialogue.no_curve"))),
        PaperSection("context", t("paper.dialogue.context"), [PaperBlank(t("paper.dialogue.context.blank"))]),
        PaperSection("commitments", t("paper.dialogue.commitments"), [PaperBlank(t("paper.blank.decisions"), 4)]),
    ]


def _years_table(content: DialogueContent, writer: PaperWriter) -> PaperTable:
    t = writer.t
    years = [
        t("paper.dialogue.reviewed_year", year=year) if year == content.reviewed_in else str(year)
        for year in content.years
    ]
    rows = [
        [
            each.indicator.label(t.language),
            *(_of_year(writer, year, figure) for year, figure in zip(content.years, each.figures, strict=True)),
            writer.target(next((figure for figure in reversed(each.figures) if figure and figure.target), None)),
        ]
        for each in content.indicators
    ]
    headers = [t("paper.column.indicator"), *years, t("paper.column.target")]
    caption = t("paper.dialogue.caption", first=content.years[0], last=content.years[-1])
    return writer.table(caption, headers, rows, (28, *(10 for _ in years), 12))


def _of_year(writer: PaperWriter, year: int, figure: Figure | None) -> str:
    """Return the figure of a year; where there is none, whether the year is not over."""
    if figure is not None:
        return writer.value(figure)
    return writer.t("paper.dialogue.not_over") if year >= writer.subject.day.year else "–"


def _gaps(indicators: Sequence[ContractIndicator], writer: PaperWriter) -> list[str]:
    """Return, of each indicator, in how many of its years with a target the target was met."""
    t, sentences = writer.t, []
    for each in indicators:
        judged = [figure for figure in each.figures if figure and figure.meets_target is not None]
        if judged:
            met = sum(bool(figure.meets_target) for figure in judged)
            label = each.indicator.label(t.language)
            sentences.append(t("paper.dialogue.met", label=label, count=met, total=writer.count(len(judged))))
    return sentences or [t("paper.dialogue.not_judged")]
