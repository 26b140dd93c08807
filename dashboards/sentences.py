"""What is said of a figure, from what it can bear: pure functions of a judged figure and of the words.

Of a figure that is shown: how it stands to that of a year earlier, then to its target, then what changed, each only
where there is something to say. Of another, why it is not shown.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from dashboards import numbers
from dashboards.words import Words
from indicators.catalogue import Indicator
from indicators.figures import NO_CASES, Figure, NoCases, Shown, Status, Unfinished, due
from indicators.judgement import Judgement
from indicators.judgement.process import Assurance, Variation, variation
from indicators.judgement.reference import Side
from indicators.judgement.special_causes import Signal
from indicators.judgement.trend import Trend
from indicators.perimeters import Level
from indicators.periods import Frequency, Period
from indicators.questions.changes import Change, Kind
from indicators.questions.judged import Judged
from indicators.year_on_year import NotCompared, YearOnYear

JUDGED_BY: Final = {Judgement.BETTER: "met", Judgement.WORSE: "missed", Judgement.COMPARABLE: "near"}
"""Pictogram of a comparison with a target."""
MOVES: Final = {Variation.IMPROVEMENT: "better", Variation.CONCERN: "worse"}
"""Pictogram of a movement that is good or bad; of another, where it goes."""
SIDES: Final = {Trend.RISING: Side.ABOVE, Trend.FALLING: Side.BELOW}


def absent(figure: Figure, words: Words) -> tuple[str, str] | None:
    """Return the pictogram and the sentence of a figure that is not shown."""
    match figure.status:
        case Status.WITHHELD:
            return "withheld", words("tile.withheld")
        case Status.NOT_DUE if isinstance(figure.reading, Unfinished):
            return "absent", words("tile.unfinished", day=numbers.day(figure.reading.until, words))
        case Status.NOT_DUE:
            return "absent", words("tile.not_due", day=numbers.day(due(figure.indicator, figure.period), words))
        case Status.NOT_APPLICABLE if isinstance(figure.reading, NoCases):
            # What is counted from a register has a word for what there was none of.
            own = f"tile.no_cases.{figure.indicator.question}"
            return "absent", words(own if own in words else "tile.no_cases")
        case Status.MISSING | Status.NOT_APPLICABLE:
            return "absent", words(f"tile.{figure.status}")
        case Status.LOW | Status.OK:
            return None


def reasons(figures: Iterable[Figure], words: Words, counted: str, *, several: bool) -> list[str]:
    """Say why figures are not shown, each reason with how many it concerns, in the order in which they are met.

    `counted` is what the figures differ by, `period` or `indicator`; `several` is whether each adds up structures: one
    may then be withheld for having too few of them.
    """
    counts: Counter[str] = Counter()
    for figure in figures:
        if figure.shown is None:
            reason = NO_CASES if isinstance(figure.reading, NoCases) else figure.status.value
            counts[f"{reason}.several" if several and figure.status is Status.WITHHELD else reason] += 1
    return [words(f"why.{counted}.{reason}", count=number) for reason, number in counts.items()]


def year_earlier(compared: YearOnYear | NotCompared, words: Words) -> str | None:
    """Say what the figure was a year earlier and how far it has gone since, or in short why nobody can say it."""
    before, indicator = compared.before, compared.now.indicator
    if compared.now.shown is None:
        return None
    then = before and before.shown and _value(before.shown, indicator, words)
    match compared:
        case YearOnYear(now=now, before=Figure(shown=Shown() as earlier)) if now.shown:
            change = _difference(now.shown, earlier, indicator, words)
            if change is None:
                return words("tile.year.same", before=then)
            chance = {None: "tile.year", True: "tile.year.chance", False: "tile.year.beyond"}
            return words(chance[compared.chance_may_suffice], before=then, change=change)
        case NotCompared(why=why):
            return words(f"tile.year.{why}", before=then)
    return None


def _difference(now: Shown, before: Shown, indicator: Indicator, words: Words) -> str | None:
    """Write how far a figure has gone from another; nothing where they are written alike."""
    return numbers.change(numbers.value_of(now, indicator), numbers.value_of(before, indicator), indicator, words)


def _value(shown: Shown, indicator: Indicator, words: Words) -> str:
    return numbers.amount(numbers.value_of(shown, indicator), indicator, words)


def sentences(judged: Judged, words: Words) -> list[tuple[str | None, str]]:
    """Return what a tile says of its target and of what changed, each with its pictogram, if any; or why nothing is."""
    if said := absent(judged.figure, words):
        return [said]
    moved = moving(judged, words) if judged.figure.status is Status.OK else (None, None)
    parts = [against_target(judged.figure, words), moved]
    return [(sign, sentence_of(part)) for sign, part in parts if part]


def sentence_of(part: str) -> str:
    """Begin a sentence."""
    return part[:1].upper() + part[1:]


def movement_and_target(judged: Judged, words: Words) -> str | None:
    """Say what the latest figure can bear by itself: its movement, then its target; nothing of one too small."""
    if judged.figure.status is not Status.OK:
        return None
    told = [moving(judged, words)[1], against_target(judged.figure, words)[1]]
    return words("tile.separator").join(part for part in told if part) or None


def moving(judged: Judged, words: Words) -> tuple[str | None, str | None]:
    """Say what the latest point does, beyond chance: its special cause, or else the trend of the last five."""
    when = judged.figure.period
    frequency = when.frequency if isinstance(when, Period) else judged.indicator.frequency
    if signal := judged.signal:
        return sign_of(signal.variation, signal.side), special_cause(signal.signal, signal.side, frequency, words)
    if (side := SIDES.get(judged.trend.trend)) is not None:
        meaning = variation(side, judged.indicator.direction)
        return sign_of(meaning, side), words(
            f"said.trend.{judged.trend.trend}", periods=words(f"said.periods.{frequency}")
        )
    return None, None


def special_cause(signal: Signal, side: Side, frequency: Frequency, words: Words) -> str:
    """Name a special cause by what is seen of it: « en hausse depuis au moins sept trimestres »."""
    return words(f"said.signal.{signal}.{side}", periods=words(f"said.periods.{frequency}"))


def sign_of(meaning: Variation, side: Side) -> str:
    """Return the pictogram of a movement: good or bad, or only where it goes."""
    return MOVES.get(meaning, "high" if side is Side.ABOVE else "low_side")


def against_target(figure: Figure, words: Words) -> tuple[str | None, str | None]:
    """Say how a figure stands to its target; nothing where none was set."""
    if figure.target is None:
        return None, None
    goal = numbers.target(figure.target.value, figure.indicator, words)
    if figure.judgement is None:
        return None, words("tile.target.unjudged", target=goal)
    sign = JUDGED_BY[figure.judgement]
    return sign, words(f"tile.target.{sign}", target=goal)


def origin(figure: Figure, words: Words) -> str | None:
    """Say where the target comes from and when it was agreed; nothing where no figure is held to one."""
    if figure.target is None or figure.shown is None:
        return None
    whence = words(f"aim.origin.{figure.target.origin}")
    if figure.target.agreed_on is None:
        return whence
    return words("tile.target.agreed", origin=whence, day=numbers.day(figure.target.agreed_on, words))


def against_peers(judged: Judged, words: Words) -> str | None:
    """Say how a figure stands to the rate of its peers; nothing where it cannot be compared."""
    if judged.reference is None or judged.against_reference is None:
        return None
    among = "kind" if judged.reference.peers.level is Level.KIND else "network"
    above = judged.figure.shown is not None and judged.figure.shown.value > judged.reference.value
    match judged.against_reference:
        case Judgement.COMPARABLE:
            return words(f"said.peers.{among}.comparable")
        case _:
            return words(f"said.peers.{among}.{'above' if above else 'below'}")


def signs(judged: Judged, words: Words) -> list[tuple[str, str]]:
    """Return the pictograms of variation and assurance with their words, where thirteen points allow them."""
    if judged.figure.status is not Status.OK:
        return []
    told = []
    behaviour, target = judged.process.variation, judged.process.assurance
    if behaviour is Variation.COMMON_CAUSE:
        told.append(("common", words("said.variation.common_cause")))
    elif behaviour is not None:
        side = judged.signal.side if judged.signal else Side.ABOVE
        told.append((sign_of(behaviour, side), words(f"said.variation.{behaviour}")))
    if target is not None:
        drawn = {
            Assurance.CONSISTENTLY_MET: "met",
            Assurance.CONSISTENTLY_MISSED: "missed",
            Assurance.HIT_OR_MISS: "hit",
        }
        told.append((drawn[target], words(f"said.assurance.{target}")))
    return told


def change(told: Change, words: Words) -> tuple[str, str]:
    """Return the pictogram and the sentence of one thing that changed."""
    judged, indicator = told.judged, told.judged.indicator
    label = indicator.label(words.language)
    now, then = (
        numbers.amount(numbers.value_of(figure.shown, indicator), indicator, words) if figure.shown else ""
        for figure in (judged.figure, told.before)
    )
    values = {"label": label, "now": now, "before": then}
    match told.kind:
        case Kind.TARGET_MET | Kind.TARGET_MISSED:
            goal = judged.figure.target
            target = numbers.target(goal.value, indicator, words) if goal else ""
            return told.kind.removeprefix("target_"), words(f"since.{told.kind}", target=target, **values)
        case Kind.MOVED:
            side = told.side or Side.ABOVE
            meaning = variation(side, indicator.direction)
            return sign_of(meaning, side), words(f"since.moved.{side}", **values)
        case Kind.YEAR:
            side = told.side or Side.ABOVE
            sign = sign_of(variation(side, indicator.direction), side)
            earlier, latest = told.before.shown, judged.figure.shown
            far = _difference(latest, earlier, indicator, words) if latest and earlier else None
            return sign, words(f"since.year.{side}", change=far or "", **values)
        case Kind.WITHHELD:
            return "withheld", words("since.withheld", **values)
        case Kind.MISSING:
            return "absent", words("since.missing", **values)
        case Kind.APPEARED:
            return "near", words("since.appeared", **values)
