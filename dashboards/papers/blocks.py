"""Parts that several papers are made of: tables of actions and of figures, lists, charts, and what there is to say of
nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from dashboards.charts.titles import absence_label, series_title
from dashboards.charts.trend import trend_chart
from dashboards.components.chart_cache import Chart
from dashboards.papers.document import PaperBlock, PaperChart, PaperList, PaperTable, PaperText
from dashboards.wording.figure_sentences import capitalize_sentence, movement_and_target_sentence
from dashboards.wording.formatting import (
    exact_value,
    format_amount,
    format_count,
    format_period,
    format_short_day,
    format_target,
)
from dashboards.wording.translations import Translator
from indicators.definitions.baselines import Break
from indicators.definitions.catalogue import Indicator
from indicators.figures.figure import Figure
from indicators.queries.figures.assessed_board import AssessedFigure
from indicators.queries.papers.contents import AwaitedDecisions, PaperSubject
from indicators.queries.papers.registers import PaperAction, PaperMeeting, PaperPlanLine, PaperRequest

MAX_ROWS: Final = 40
"""Rows of a table: a committee reads no more, and the register has them all."""
MAX_CHARTS: Final = 3
CHARTED_PERIODS: Final = 20
"""Periods of a chart: five years of quarters."""


@dataclass(frozen=True)
class PaperWriter:
    """Writes the parts of a paper about a subject, in one language."""

    t: Translator
    subject: PaperSubject
    name: str
    """Name of the perimeter, as it reads inside a sentence."""
    structure_names: dict[str, str]
    """Names of the structures of the perimeter, by code; a table names them where there are several."""

    def day(self, day: date | None) -> str:
        """Return a day as tables have it, or a dash."""
        return format_short_day(day, self.t) if day else "–"

    def nothing(self, sentence: str) -> list[PaperBlock]:
        """Return the sentence that stands where a table would have no row."""
        return [PaperText(sentence, quiet=True)]

    def actions(self, caption: str, actions: Sequence[PaperAction], empty: str) -> list[PaperBlock]:
        """Return the table of some actions, with their days and where they stand."""
        t = self.t
        headers = [t(f"paper.column.{name}") for name in ("reference", "action", "owner", "due", "state")]
        rows = [
            [
                self._reference(action.structure, action.reference),
                action.action,
                action.owner_role or "–",
                self.day(action.deadline),
                self.state(action),
            ]
            for action in actions
        ]
        return self._table(caption, headers, rows, (15, 41, 17, 13, 14), empty)

    def state(self, action: PaperAction) -> str:
        """Return where an action stood on the paper's day: « en retard de 12 jours », « faite ».

        A status has no day: of a sitting that is over, it is marked as today's.
        """
        t, day = self.t, self.subject.day
        if action.is_overdue(day) and action.deadline:
            return t("paper.state.overdue", count=(day - action.deadline).days)
        if action.has_verdict(day):
            return t(f"paper.state.effect.{action.effectiveness}")
        if action.effectiveness is not None and action.is_done(day):
            return t("paper.state.done")
        if action.done_on is not None and not action.is_done(day):
            return t("paper.state.done_since", day=self.day(action.done_on))
        state = t(f"paper.state.{action.status}")
        is_sure = not self.subject.is_past or (action.status == "done" and action.is_done(day))
        return state if is_sure else t("paper.as_of_today", state=state, day=self.day(self.subject.today))

    def plan(self, caption: str, lines: Sequence[PaperPlanLine], empty: str) -> list[PaperBlock]:
        """Return the plan: axis, commitment, action, progress."""
        t = self.t
        headers = [t(f"paper.column.{name}") for name in ("axis", "action", "owner", "due", "progress")]
        rows = [
            [
                line.axis or "–",
                self._planned(line),
                (line.action and line.action.owner_role) or "–",
                self.day(line.action.deadline if line.action else None),
                self._progress(line),
            ]
            for line in lines
        ]
        return self._table(caption, headers, rows, (18, 38, 17, 13, 14), empty)

    def _progress(self, line: PaperPlanLine) -> str:
        if line.action is None:
            return self.t("paper.plan.no_action")
        is_late = line.action.is_done(self.subject.day) and not line.is_done(self.subject.day)
        return self.t("paper.plan.late") if is_late else self.state(line.action)

    def _planned(self, line: PaperPlanLine) -> str:
        text = line.action.action if line.action else line.commitment
        if len(self.structure_names) > 1:
            return f"{self.structure_names.get(line.structure, line.structure)} – {text}"
        return text

    def requests(self, caption: str, requests: Sequence[PaperRequest], empty: str) -> list[PaperBlock]:
        """Return the table of some requests and what came of them."""
        t = self.t
        headers = [t(f"paper.column.{name}") for name in ("reference", "request", "from", "received", "answer")]
        rows = [
            [
                self._reference(each.structure, each.reference),
                each.request,
                each.from_group,
                self.day(each.received_on),
                self._answer(each),
            ]
            for each in requests
        ]
        return self._table(caption, headers, rows, (14, 36, 17, 13, 20), empty)

    def _answer(self, request: PaperRequest) -> str:
        if request.answered_on is None:
            return self.t("paper.request.waits")
        if not request.is_answered(self.subject.day):
            return self.t("paper.request.answered_since", day=self.day(request.answered_on))
        return request.answer or self.t("paper.request.answered")

    def meetings(self, meetings: Sequence[PaperMeeting], empty: str) -> list[PaperBlock]:
        """Return the meetings with their decisions."""
        t = self.t
        headers = [t(f"paper.column.{name}") for name in ("body", "planned", "held", "decisions")]
        rows = [
            [
                self._reference(each.structure, each.body),
                self.day(each.planned_on),
                self._held(each),
                each.decisions or "–",
            ]
            for each in meetings
        ]
        return self._table(t("paper.meetings.caption"), headers, rows, (24, 14, 16, 46), empty)

    def _held(self, meeting: PaperMeeting) -> str:
        if meeting.held_on:
            return self.day(meeting.held_on)
        return self.t("paper.meeting.missed" if meeting.planned_on < self.subject.today else "paper.meeting.to_come")

    def awaited(self, awaited: AwaitedDecisions) -> list[PaperBlock]:
        """Return the decisions that are awaited, by what is awaited."""
        t = self.t
        if not awaited.count:
            return self.nothing(t("paper.awaited.nothing"))
        blocks: list[PaperBlock] = []
        if awaited.verdicts:
            blocks += self.actions(t("paper.awaited.verdicts", count=len(awaited.verdicts)), awaited.verdicts, "")
        if awaited.undated:
            blocks += self.actions(t("paper.awaited.undated", count=len(awaited.undated)), awaited.undated, "")
        if awaited.answers:
            blocks += self.requests(t("paper.awaited.answers", count=len(awaited.answers)), awaited.answers, "")
        return blocks

    def figures(self, caption: str, figures: Sequence[AssessedFigure], empty: str) -> list[PaperBlock]:
        """Return the table of some figures: value, count behind it, a year earlier, target, assessment."""
        t = self.t
        names = ("indicator", "period", "value", "year_earlier", "target", "reading")
        headers = [t(f"paper.column.{name}") for name in names]
        rows = [
            [
                assessed.indicator.label(t.language),
                format_period(assessed.figure.covered_span, t),
                self.value(assessed.figure),
                self.value(assessed.tile.year_earlier) if assessed.tile.year_earlier else "–",
                self.target(assessed.figure),
                capitalize_sentence(movement_and_target_sentence(assessed, t) or "–"),
            ]
            for assessed in figures
        ]
        return self._table(caption, headers, rows, (27, 12, 12, 12, 10, 27), empty, frozenset({2, 3, 4}), cap=False)

    def value(self, figure: Figure) -> str:
        """Return the value of a figure with its unit, or in two words why it is not shown."""
        if figure.shown is None:
            return absence_label(figure, self.t)
        return format_amount(exact_value(figure.shown, figure.indicator), figure.indicator, self.t)

    def target(self, figure: Figure | None) -> str:
        """Return the target of a figure, or a dash."""
        target = figure.target if figure else None
        return format_target(target.value, figure.indicator, self.t) if figure and target else "–"

    def signals(self, figures: Sequence[AssessedFigure], empty: str) -> list[PaperBlock]:
        """Return the figures that moved beyond chance: a sentence each, and the charts of the first ones."""
        if not figures:
            return self.nothing(empty)
        items = [self._signal(assessed) for assessed in figures]
        return [PaperList(items), *(self.chart(assessed) for assessed in figures[:MAX_CHARTS])]

    def _signal(self, assessed: AssessedFigure) -> str:
        sentence = capitalize_sentence(movement_and_target_sentence(assessed, self.t) or "")
        return self.t(
            "paper.signal",
            label=assessed.indicator.label(self.t.language),
            period=format_period(assessed.figure.covered_span, self.t),
            value=self.value(assessed.figure),
            sentence=sentence,
        )

    def chart(self, assessed: AssessedFigure) -> PaperChart:
        """Return the chart of a figure's past."""
        judgement = movement_and_target_sentence(assessed, self.t)
        return self.series_chart(assessed.indicator, assessed.series, judgement, assessed.breaks)

    def series_chart(
        self, indicator: Indicator, series: Sequence[Figure], judgement: str | None, breaks: Sequence[Break] = ()
    ) -> PaperChart:
        """Return the chart of a series, as the page of the indicator has it."""
        figures = series[-CHARTED_PERIODS:]
        key = ("paper chart", indicator.id, self.subject.perimeter.code, self.subject.sitting.code)
        title = series_title(figures, indicator, self.t, self.name, judgement)
        build = partial(_build_chart, figures, indicator, self.t, self.name, judgement, breaks)
        return PaperChart(key, title, build)

    def count(self, number: float) -> str:
        """Return a count as the language writes it."""
        return format_count(number, self.t.language)

    def table(
        self, caption: str, headers: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
    ) -> PaperTable:
        """Return a table of counts: all columns but the first are numbers."""
        return PaperTable(caption, headers, rows, widths, frozenset(range(1, len(headers))))

    def _reference(self, structure: str, reference: str) -> str:
        if len(self.structure_names) > 1:
            return f"{self.structure_names.get(structure, structure)} – {reference}"
        return reference

    def _table(
        self,
        caption: str,
        headers: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        empty: str,
        numbers: frozenset[int] = frozenset(),
        *,
        cap: bool = True,
    ) -> list[PaperBlock]:
        """Return a table of as many rows as are read, and how many are left out; the sentence of none."""
        if not rows:
            return self.nothing(empty)
        listed = rows[:MAX_ROWS] if cap else rows
        left_out = len(rows) - len(listed)
        table = PaperTable(caption, headers, listed, widths, numbers)
        return [table, PaperText(self.t("paper.more", count=left_out), quiet=True)] if left_out else [table]


def _build_chart(
    figures: Sequence[Figure],
    indicator: Indicator,
    t: Translator,
    name: str,
    judgement: str | None,
    breaks: Sequence[Break],
    height: int,
) -> Chart:
    return trend_chart(
        figures, indicator, t, name=name, interval=False, judgement=judgement, breaks=breaks, height=height
    )
