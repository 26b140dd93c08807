"""The step in which a reader reads one indicator: chosen in the address, else the one that its figures can bear."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from dashboards.app_pages.page_context import Visit
from dashboards.components.html import link
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.errors import UnknownError
from indicators.figures.figure import Figure
from indicators.figures.time_steps import Step, is_thin, steps_of
from indicators.network import Reading
from indicators.queries.figures.series import series

PARAMETER: Final = "pas"
IN_ADDRESS: Final = {
    Step.QUARTER: "trimestre",
    Step.SEMESTER: "semestre",
    Step.YEAR: "annee",
    Step.SCHOOL_YEAR: "annee-scolaire",
    Step.ROLLING: "glissant",
}
"""Words of the address."""


@dataclass(frozen=True)
class ReadIn:
    """A series in the step that was chosen, the steps there are, and whether it is rolling only because it is thin."""

    step: Step
    figures: Sequence[Figure]
    offered: Sequence[Step]
    because_thin: bool

    @property
    def options(self) -> list[str]:
        """The steps as the address writes them."""
        return [IN_ADDRESS[step] for step in self.offered]


def read_in_steps(
    reading: Reading,
    perimeter: Perimeter,
    indicator: Indicator,
    audience: Audience,
    today: date,
    asked: str | None,
    until: date = date.max,
) -> ReadIn:
    """Read a series up to a day in the step of the address; without one, in its own or in one that tells more.

    That is rolling quarters where a structure's own are thin, or the first step of which something may be shown where
    nothing is of its own. A thin series of which no window may be shown to that reader stays as it is. An
    `UnknownError` for a step that does not exist or in which the indicator cannot be read.
    """
    offered = steps_of(indicator)

    def read(step: Step) -> Sequence[Figure]:
        found = series(reading, perimeter, indicator, audience, today, step=step)
        return [figure for figure in found if figure.period.end <= until]

    if asked is not None:
        step = step_of(asked, indicator)
        return ReadIn(step, read(step), offered, because_thin=False)
    own = read(offered[0])
    if Step.ROLLING in offered and perimeter.level is Level.STRUCTURE and is_thin(own):
        rolling = read(Step.ROLLING)
        if any(figure.shown for figure in rolling):
            return ReadIn(Step.ROLLING, rolling, offered, because_thin=True)
    if not any(figure.shown for figure in own):
        for step in offered[1:]:
            longer = read(step)
            if any(figure.shown for figure in longer):
                return ReadIn(step, longer, offered, because_thin=False)
    return ReadIn(offered[0], own, offered, because_thin=False)


def step_of(asked: str, indicator: Indicator) -> Step:
    """Return the step of a word of the address; an `UnknownError` if the indicator cannot be read so."""
    offered = {IN_ADDRESS[step]: step for step in steps_of(indicator)}
    if asked not in offered:
        raise UnknownError("step", asked, known=list(offered))
    return offered[asked]


def step_link(visit: Visit, code: str) -> str:
    """Return the way to the page as it is, read in another step."""
    return link(visit.here(**{PARAMETER: code}), spelled(code, visit.words))


def spelled(code: str, words: Words) -> str:
    """Write a step of the address as the list of choices says it."""
    return words(f"step.{next(step for step, word in IN_ADDRESS.items() if word == code)}")


def note(found: ReadIn, words: Words) -> str | None:
    """Say how the figures of a step are made, the latest window in full; nothing of an indicator's own step."""
    if found.step is found.offered[0] or not found.figures:
        return None
    latest = numbers.period(found.figures[-1].period, words)
    kind = "stock" if found.figures[-1].indicator.stock else found.step
    told = words(f"step.note.{kind}", latest=latest)
    return f"{words('step.note.thin')} {told}" if found.because_thin else told
