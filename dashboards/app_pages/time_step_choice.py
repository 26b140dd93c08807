"""The time step of an indicator's series: that of the address, else the shortest one with enough data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.components.html import link
from dashboards.wording.formatting import format_period
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.errors import UnknownError
from indicators.figures.figure import Figure
from indicators.figures.time_steps import TimeStep, available_steps, needs_rolling
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext, Snapshot

STEP_PARAM: Final = "pas"
STEP_URL_VALUES: Final = {
    TimeStep.QUARTER: "trimestre",
    TimeStep.SEMESTER: "semestre",
    TimeStep.YEAR: "annee",
    TimeStep.SCHOOL_YEAR: "annee-scolaire",
    TimeStep.ROLLING: "glissant",
}
"""Time steps as the address writes them."""


@dataclass(frozen=True)
class SteppedSeries:
    """A series in one time step, the steps available, and whether it rolls only because quarters have few cases."""

    step: TimeStep
    figures: Sequence[Figure]
    available_steps: Sequence[TimeStep]
    is_rolling_because_thin: bool

    @property
    def options(self) -> list[str]:
        """The available steps as the address writes them."""
        return [STEP_URL_VALUES[step] for step in self.available_steps]


def load_stepped_series(
    snapshot: Snapshot,
    perimeter: Perimeter,
    indicator: Indicator,
    audience: Audience,
    today: date,
    step_param: str | None,
    until: date = date.max,
) -> SteppedSeries:
    """Load a series up to a day, in the step of the address; without one, in the indicator's own step or a better one.

    Better means rolling quarters where a structure's own have few cases, or the first step with a published figure
    where the own step has none. A thin series without any published window keeps its own step. Raises `UnknownError`
    for a step that does not exist or that the indicator does not have.
    """
    offered_steps = available_steps(indicator)

    def load(step: TimeStep) -> Sequence[Figure]:
        figures = read_series(QueryContext(snapshot, audience, today), perimeter, indicator, step=step)
        return [figure for figure in figures if figure.period.end <= until]

    if step_param is not None:
        step = parse_step(step_param, indicator)
        return SteppedSeries(step, load(step), offered_steps, is_rolling_because_thin=False)
    own_figures = load(offered_steps[0])
    if TimeStep.ROLLING in offered_steps and perimeter.level is Level.STRUCTURE and needs_rolling(own_figures):
        rolling = load(TimeStep.ROLLING)
        if any(figure.shown for figure in rolling):
            return SteppedSeries(TimeStep.ROLLING, rolling, offered_steps, is_rolling_because_thin=True)
    if not any(figure.shown for figure in own_figures):
        for step in offered_steps[1:]:
            longer_figures = load(step)
            if any(figure.shown for figure in longer_figures):
                return SteppedSeries(step, longer_figures, offered_steps, is_rolling_because_thin=False)
    return SteppedSeries(offered_steps[0], own_figures, offered_steps, is_rolling_because_thin=False)


def parse_step(step_param: str, indicator: Indicator) -> TimeStep:
    """Parse a step of the address; an `UnknownError` if the indicator does not have it."""
    steps_by_param = {STEP_URL_VALUES[step]: step for step in available_steps(indicator)}
    if step_param not in steps_by_param:
        raise UnknownError("step", step_param, choices=list(steps_by_param))
    return steps_by_param[step_param]


def step_link(context: PageContext, code: str) -> Markup:
    """Return a link to the same page in another time step."""
    return link(context.url(**{STEP_PARAM: code}), step_label(code, context.t))


def step_label(code: str, t: Translator) -> str:
    """Return the label of a step as the choice list writes it."""
    return t(f"step.{next(step for step, word in STEP_URL_VALUES.items() if word == code)}")


def step_note(stepped: SteppedSeries, t: Translator) -> str | None:
    """Explain how the figures of a step are computed, with the latest window in full; null for its own step."""
    if stepped.step is stepped.available_steps[0] or not stepped.figures:
        return None
    latest = format_period(stepped.figures[-1].period, t)
    kind = "stock" if stepped.figures[-1].indicator.is_stock else stepped.step
    sentence = t(f"step.note.{kind}", latest=latest)
    return f"{t('step.note.thin')} {sentence}" if stepped.is_rolling_because_thin else sentence
