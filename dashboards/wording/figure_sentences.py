"""What is said of a figure, from what it can bear: pure functions of a judged figure and of the words.

Of a figure that is shown: how it stands to that of a year earlier, then to its target, then what changed, each only
where there is something to say. Of another, why it is not shown.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.definitions.baselines import Rebasing, Redefinition
from indicators.definitions.catalogue import Direction, Indicator
from indicators.definitions.perimeters import Level
from indicators.definitions.periods import Frequency, Period, Span
from indicators.figures.figure import NO_CASES, AcrossDefinitions, Figure, NoCases, Shown, Status, Unfinished, due
from indicators.figures.year_on_year import NotCompared, YearOnYear
from indicators.judgement import Judgement
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import Assurance, Variation, variation
from indicators.judgement.cusum import Grade
from indicators.judgement.special_causes import Signal
from indicators.judgement.trend import Trend
from indicators.network import Target
from indicators.queries.figures.assessed_board import Judged, TargetHistory, has_lasting_changes
from indicators.queries.figures.changes import Change, Kind

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
        case Status.NOT_APPLICABLE if isinstance(figure.reading, AcrossDefinitions):
            return "absent", words("tile.redefined")
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
            match figure.reading:
                case NoCases():
                    reason = NO_CASES
                case AcrossDefinitions():
                    reason = "redefined"
                case _:
                    reason = figure.status.value
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
                return words("tile.year.same")
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
    """Return what a tile says beside the year, each with its pictogram, if any: the target, then one thing more.

    That is a change that is told, or else a break of the series. Of a figure that is not shown it is why.
    """
    if said := absent(judged.figure, words):
        return [said]
    sign, more = moving(judged, words)
    told = [against_target(judged, words), (sign, more or broken(judged, words))]
    return [(sign, sentence_of(part)) for sign, part in told if part]


def sentence_of(part: str) -> str:
    """Begin a sentence."""
    return part[:1].upper() + part[1:]


def movement_and_target(judged: Judged, words: Words) -> str | None:
    """Say what the latest figure can bear by itself: its movement, then its target; nothing of one not shown."""
    if judged.figure.shown is None:
        return None
    told = [moving(judged, words)[1], against_target(judged, words)[1]]
    return words("tile.separator").join(part for part in told if part) or None


def moving(judged: Judged, words: Words) -> tuple[str | None, str | None]:
    """Say what the latest point does, beyond chance: its special cause, or else the trend of the last five years.

    Nothing where nothing is told.
    """
    when = judged.figure.period
    frequency = when.frequency if isinstance(when, Period) else judged.indicator.frequency
    if signal := judged.signal:
        said = special_cause(signal.signal, signal.side, frequency, words, judged.signal_since, signal.grade)
        return sign_of(signal.variation, signal.side), said
    if (side := SIDES.get(judged.trend.trend)) is not None:
        meaning = variation(side, judged.indicator.direction)
        return sign_of(meaning, side), words(
            f"said.trend.{judged.trend.trend}", periods=words(f"said.periods.{frequency}")
        )
    return None, None


def special_cause(
    signal: Signal, side: Side, frequency: Frequency, words: Words, since: Span | None, grade: Grade | None
) -> str:
    """Name a special cause by what is seen of it: « en hausse depuis au moins sept trimestres ».

    Of a lasting change it is said how sure it is and since when it is told.
    """
    if grade is None or since is None:
        return words(f"said.signal.{signal}.{side}", periods=words(f"said.periods.{frequency}"))
    return words(f"said.signal.{signal}.{side}.{grade}", since=numbers.period(since, words))


def sign_of(meaning: Variation, side: Side) -> str:
    """Return the pictogram of a movement: good or bad, or only where it goes."""
    return MOVES.get(meaning, "high" if side is Side.ABOVE else "low_side")


def against_target(told: Judged | Figure, words: Words) -> tuple[str | None, str | None]:
    """Say how far a figure is from its target, and then whether chance may be enough; nothing without a target.

    « 15,2 points sous l’objectif de 60 %, le hasard peut suffire ». Of a judged figure whose quarters are thin, the
    four quarters up to it are said, by their name.
    """
    figure = told.target_figure if isinstance(told, Judged) else told
    if figure.target is None or figure.shown is None:
        return None, None
    said = _distance(figure, figure.shown, figure.target, words)
    doubted = figure.judgement is Judgement.COMPARABLE or figure.status is Status.LOW
    if doubted:
        said = words("target.few" if figure.status is Status.LOW else "target.chance", said=said)
    if isinstance(told, Judged) and figure.period != told.figure.period:
        said = words("target.window", during=numbers.period(figure.period, words), said=said)
    if figure.meets_target is None:
        return None, said
    sign = "met" if figure.meets_target else "missed"
    return f"{sign}_doubt" if doubted else sign, said


def _distance(figure: Figure, shown: Shown, target: Target, words: Words) -> str:
    """Say the distance to a target as a fact, in points or in the unit of the figure."""
    indicator, value = figure.indicator, numbers.value_of(shown, figure.indicator)
    goal = numbers.target(target.value, indicator, words)
    aim = numbers.exact(target.value)
    ceiling = "most" if indicator.direction is Direction.DOWN else "least"
    if value == aim:
        return words(f"target.{ceiling}.reached", target=goal)
    side = "above" if value > aim else "below"
    gap = numbers.distance(value, aim, indicator, words)
    if gap is None:
        return words(f"target.{ceiling}.{side}.barely", target=goal)
    if indicator.direction is Direction.UP and side == "above":
        return words("target.passed", target=goal, gap=gap)
    return words(f"target.{ceiling}.{side}", target=goal, gap=gap)


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
    if judged.reference.side is None:
        return words(f"said.peers.{among}.comparable")
    # The same reading as on the comparison page, in the same words.
    read = words(f"compare.verdict.{judged.reference.verdict}")
    return words("said.peers.read", said=words(f"said.peers.{among}.{judged.reference.side}"), read=read)


def broken(judged: Judged, words: Words) -> str | None:
    """Say the newest break inside the history of a tile, a new definition or a new base; nothing without one."""
    match judged.break_shown:
        case Rebasing(since=since):
            return words("said.break.rebased", period=numbers.period(since, words))
        case Redefinition(starts=day):
            return words("said.break.redefined", day=numbers.day(day, words))
        case None:
            return None


def signs(judged: Judged, words: Words) -> list[tuple[str, str]]:
    """Return the pictograms of variation and assurance with their words, where the past allows them.

    The words of assurance count what the points drawn say: how many met the target then in force.
    """
    told = []
    behaviour, target, history = judged.process.variation, judged.process.assurance, judged.target_history
    enough = judged.figure.status is Status.OK or (
        judged.figure.shown is not None and has_lasting_changes(judged.indicator)
    )
    if not enough:
        return []
    if behaviour is Variation.COMMON_CAUSE:
        # A quarter of people may stand beyond the limits drawn and be no lasting change: it is not « ordinary ».
        lasting = has_lasting_changes(judged.indicator)
        told.append(("common", words("said.variation.not_lasting" if lasting else "said.variation.common_cause")))
    elif behaviour is not None:
        side = judged.signal.side if judged.signal else Side.ABOVE
        told.append((sign_of(behaviour, side), words(f"said.variation.{behaviour}")))
    if target is not None and history is not None:
        drawn = {
            (Assurance.CONSISTENTLY_MET, history.periods): "met",
            (Assurance.CONSISTENTLY_MISSED, 0): "missed",
        }
        told.append((drawn.get((target, history.met), "hit"), target_met(history, judged.indicator, words)))
    return told


def target_met(history: TargetHistory, indicator: Indicator, words: Words) -> str:
    """Count the periods that met their target: « objectif atteint 3 trimestres sur 11 depuis 2024 »."""
    since = history.since
    frequency = since.frequency if isinstance(since, Period) else indicator.frequency
    return words(
        f"said.target.met.{frequency}",
        count=history.met,
        total=numbers.count(history.periods, words.language),
        since=since.start.year,
    )


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
            sign, movement = moving(judged, words)
            return sign or "near", words("since.moved", movement=movement or "", **values)
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
