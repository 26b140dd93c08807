"""Sentences about a figure: pure functions of an assessed figure and a translator.

A published figure is compared with a year earlier and with its target, then its latest change is described, each only
where there is something to say. For any other figure, the sentence is why it is not shown.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from dashboards.wording.formatting import (
    exact_value,
    format_amount,
    format_change,
    format_count,
    format_day,
    format_distance,
    format_period,
    format_target,
    to_fraction,
)
from dashboards.wording.translations import Translator
from indicators.definitions.baselines import Rebaseline, Redefinition
from indicators.definitions.catalogue import Direction, Indicator
from indicators.definitions.perimeters import Level
from indicators.definitions.periods import Frequency, Period, Span
from indicators.definitions.targets import Target
from indicators.figures.figure import NO_CASES, CohortOpen, Figure, NoCases, Status, Value, due_date
from indicators.figures.year_on_year import NotCompared, NotComparedReason, YearOnYear
from indicators.judgement import Judgement
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import Assurance, Variation, variation_of
from indicators.judgement.cusum import Grade
from indicators.judgement.special_causes import Signal
from indicators.judgement.trend import Trend
from indicators.queries.figures.assessed_board import AssessedFigure, TargetHistory, has_lasting_changes
from indicators.queries.figures.changes import BoardChange, ChangeKind
from indicators.queries.figures.continuity import YearEarlierElsewhere

MOVEMENT_PICTOGRAMS: Final = {Variation.IMPROVEMENT: "better", Variation.CONCERN: "worse"}
"""Pictograms of movements that are good or bad; others get an arrow."""
TREND_SIDES: Final = {Trend.RISING: Side.ABOVE, Trend.FALLING: Side.BELOW}


def absence_sign_and_sentence(figure: Figure, t: Translator) -> tuple[str, str] | None:
    """Return the pictogram and the reason of a figure that is not shown; null for one that is."""
    match figure.status:
        case Status.WITHHELD:
            return "withheld", t("tile.withheld")
        case Status.NOT_DUE if isinstance(figure.outcome, CohortOpen):
            return "absent", t("tile.unfinished", day=format_day(figure.outcome.until, t))
        case Status.NOT_DUE:
            return "absent", t("tile.not_due", day=format_day(due_date(figure.indicator, figure.period), t))
        case Status.NOT_APPLICABLE if isinstance(figure.outcome, NoCases):
            # Register-based indicators have a message of their own for « no cases ».
            register_key = f"tile.no_cases.{figure.indicator.question}"
            return "absent", t(register_key if register_key in t else "tile.no_cases")
        case Status.NOT_APPLICABLE if figure.not_added_up:
            return "absent", t(f"tile.{figure.not_added_up}")
        case Status.MISSING | Status.NOT_APPLICABLE:
            return "absent", t(f"tile.{figure.status}")
        case Status.LOW | Status.OK:
            return None


def count_reasons(figures: Iterable[Figure], t: Translator, unit_counted: str, *, are_aggregates: bool) -> list[str]:
    """Return the reasons why figures are not shown, each with its count, in order of appearance.

    `unit_counted` is what the figures differ by, `period` or `indicator`; `are_aggregates` is whether each sums several
    structures, since it may then be withheld for having too few of them.
    """
    counts: Counter[str] = Counter()
    for figure in figures:
        if figure.shown is None:
            no_cases = NO_CASES if isinstance(figure.outcome, NoCases) else figure.status.value
            reason = figure.not_added_up or no_cases
            counts[f"{reason}.several" if are_aggregates and figure.status is Status.WITHHELD else reason] += 1
    return [t(f"why.{unit_counted}.{reason}", count=number) for reason, number in counts.items()]


def year_earlier_sentence(
    comparison: YearOnYear | NotCompared, t: Translator, elsewhere: YearEarlierElsewhere | None = None
) -> str | None:
    """Return the figure of a year earlier and the change since, or in short why they cannot be compared.

    Where there is none, that of the predecessor (`elsewhere`) with its name: no difference is told between the two.
    """
    before, indicator = comparison.before, comparison.now.indicator
    if comparison.now.shown is None:
        return None
    earlier_value = before and before.shown and _format_value(before.shown, indicator, t)
    match comparison:
        case YearOnYear(now=now, before=Figure(shown=Value() as earlier)) if now.shown:
            change = _format_difference(now.shown, earlier, indicator, t)
            if change is None:
                return t("tile.year.same")
            chance_keys = {None: "tile.year", True: "tile.year.chance", False: "tile.year.beyond"}
            return t(chance_keys[comparison.may_be_chance], before=earlier_value, change=change)
        case NotCompared(reason=NotComparedReason.MISSING) if elsewhere and elsewhere.figure.shown:
            value = _format_value(elsewhere.figure.shown, indicator, t)
            return t("tile.year.elsewhere", before=value, name=elsewhere.structure.name)
        case NotCompared(reason=reason):
            return t(f"tile.year.{reason}", before=earlier_value)
    return None


def _format_difference(now: Value, before: Value, indicator: Indicator, t: Translator) -> str | None:
    """Format the difference of two figures; null where both round to the same value."""
    return format_change(exact_value(now, indicator), exact_value(before, indicator), indicator, t)


def _format_value(shown: Value, indicator: Indicator, t: Translator) -> str:
    return format_amount(exact_value(shown, indicator), indicator, t)


def tile_sentences(assessed: AssessedFigure, t: Translator) -> list[tuple[str | None, str]]:
    """Return the sentences of a tile with their pictograms: the target, then a change or else a break of the series.

    For a figure that is not shown, the only sentence is the reason.
    """
    if absence := absence_sign_and_sentence(assessed.figure, t):
        return [absence]
    sign, movement = movement_sign_and_sentence(assessed, t)
    parts = [target_sign_and_sentence(assessed, t), (sign, movement or break_sentence(assessed, t))]
    return [(sign, capitalize_sentence(part)) for sign, part in parts if part]


def capitalize_sentence(part: str) -> str:
    """Capitalise the first letter."""
    return part[:1].upper() + part[1:]


def movement_and_target_sentence(assessed: AssessedFigure, t: Translator) -> str | None:
    """Return the assessment of the latest figure in one line: movement, then target; null if it is not shown."""
    if assessed.figure.shown is None:
        return None
    parts = [movement_sign_and_sentence(assessed, t)[1], target_sign_and_sentence(assessed, t)[1]]
    return t("tile.separator").join(part for part in parts if part) or None


def movement_sign_and_sentence(assessed: AssessedFigure, t: Translator) -> tuple[str | None, str | None]:
    """Return pictogram and sentence of a movement beyond chance: a special cause, or else the five-year trend.

    Both are null without any.
    """
    period = assessed.figure.period
    frequency = period.frequency if isinstance(period, Period) else assessed.indicator.frequency
    if signal := assessed.signal:
        sentence = special_cause_sentence(signal.signal, signal.side, frequency, t, assessed.signal_since, signal.grade)
        return movement_pictogram(signal.variation, signal.side), sentence
    if (side := TREND_SIDES.get(assessed.trend.trend)) is not None:
        movement = variation_of(side, assessed.indicator.direction)
        return movement_pictogram(movement, side), t(
            f"said.trend.{assessed.trend.trend}", periods=t(f"said.periods.{frequency}")
        )
    return None, None


def special_cause_sentence(
    signal: Signal, side: Side, frequency: Frequency, t: Translator, since: Span | None, grade: Grade | None
) -> str:
    """Return a special cause as a description of the data: « en hausse depuis au moins sept trimestres ».

    A lasting change includes its grade of certainty and the period of first detection.
    """
    if grade is None or since is None:
        return t(f"said.signal.{signal}.{side}", periods=t(f"said.periods.{frequency}"))
    return t(f"said.signal.{signal}.{side}.{grade}", since=format_period(since, t))


def movement_pictogram(movement: Variation, side: Side) -> str:
    """Return the pictogram of a movement: good, bad, or only up or down."""
    return MOVEMENT_PICTOGRAMS.get(movement, "high" if side is Side.ABOVE else "low_side")


def target_sign_and_sentence(
    assessed_or_figure: AssessedFigure | Figure, t: Translator
) -> tuple[str | None, str | None]:
    """Return pictogram and sentence on the distance to the target, and whether chance may explain it; null without one.

    « 15,2 points sous l’objectif de 60 %, le hasard peut suffire ». Where quarters have few cases, the sentence is on
    the last four quarters, and names them.
    """
    figure = assessed_or_figure.target_figure if isinstance(assessed_or_figure, AssessedFigure) else assessed_or_figure
    if figure.target is None or figure.shown is None:
        return None, None
    sentence = _target_distance_sentence(figure, figure.shown, figure.target, t)
    is_doubtful = figure.judgement is Judgement.COMPARABLE or figure.status is Status.LOW
    if is_doubtful:
        sentence = t("target.few" if figure.status is Status.LOW else "target.chance", said=sentence)
    if isinstance(assessed_or_figure, AssessedFigure) and figure.period != assessed_or_figure.figure.period:
        sentence = t("target.window", during=format_period(figure.period, t), said=sentence)
    if figure.meets_target is None:
        return None, sentence
    sign = "met" if figure.meets_target else "missed"
    return f"{sign}_doubt" if is_doubtful else sign, sentence


def _target_distance_sentence(figure: Figure, shown: Value, target: Target, t: Translator) -> str:
    """Return the distance to a target, in points or in the unit of the figure."""
    indicator, value = figure.indicator, exact_value(shown, figure.indicator)
    target_text = format_target(target.value, indicator, t)
    target_value = to_fraction(target.value)
    ceiling = "most" if indicator.direction is Direction.DOWN else "least"
    if value == target_value:
        return t(f"target.{ceiling}.reached", target=target_text)
    side = "above" if value > target_value else "below"
    gap = format_distance(value, target_value, indicator, t)
    if gap is None:
        return t(f"target.{ceiling}.{side}.barely", target=target_text)
    if indicator.direction is Direction.UP and side == "above":
        return t("target.passed", target=target_text, gap=gap)
    return t(f"target.{ceiling}.{side}", target=target_text, gap=gap)


def target_origin_sentence(figure: Figure, t: Translator) -> str | None:
    """Return who set the target and when; null without a target or a published figure."""
    if figure.target is None or figure.shown is None:
        return None
    origin_text = t(f"aim.origin.{figure.target.origin}")
    if figure.target.agreed_on is None:
        return origin_text
    return t("tile.target.agreed", origin=origin_text, day=format_day(figure.target.agreed_on, t))


def peers_sentence(assessed: AssessedFigure, t: Translator) -> str | None:
    """Return the comparison with the rate of the peers; null where there is none."""
    if assessed.reference is None or assessed.against_reference is None:
        return None
    peer_level = "kind" if assessed.reference.peers.level is Level.KIND else "network"
    if assessed.reference.side is None:
        return t(f"said.peers.{peer_level}.comparable")
    # The same verdict and wording as on the comparison page.
    verdict_label = t(f"compare.verdict.{assessed.reference.verdict}")
    return t("said.peers.read", said=t(f"said.peers.{peer_level}.{assessed.reference.side}"), read=verdict_label)


def break_sentence(assessed: AssessedFigure, t: Translator) -> str | None:
    """Return the latest break in the history of a tile, a redefinition or a new baseline; null without one."""
    match assessed.visible_break:
        case Rebaseline(since=since):
            return t("said.break.rebased", period=format_period(since, t))
        case Redefinition(starts=day):
            return t("said.break.redefined", day=format_day(day, t))
        case None:
            return None


def variation_and_assurance_signs(assessed: AssessedFigure, t: Translator) -> list[tuple[str, str]]:
    """Return the pictograms of variation and assurance with their words, where the series is long enough.

    Assurance counts the points drawn that met the target in force at their time.
    """
    signs_and_words = []
    variation_seen, assurance, history = (
        assessed.control_chart.variation,
        assessed.control_chart.assurance,
        assessed.target_history,
    )
    has_enough = assessed.figure.status is Status.OK or (
        assessed.figure.shown is not None and has_lasting_changes(assessed.indicator)
    )
    if not has_enough:
        return []
    if variation_seen is Variation.COMMON_CAUSE:
        # A quarterly count of people may lie outside the limits without being a lasting change: it is not « ordinary ».
        has_lasting = has_lasting_changes(assessed.indicator)
        signs_and_words.append(
            ("common", t("said.variation.not_lasting" if has_lasting else "said.variation.common_cause"))
        )
    elif variation_seen is not None:
        side = assessed.signal.side if assessed.signal else Side.ABOVE
        signs_and_words.append((movement_pictogram(variation_seen, side), t(f"said.variation.{variation_seen}")))
    if assurance is not None and history is not None:
        pictograms = {
            (Assurance.CONSISTENTLY_MET, history.periods): "met",
            (Assurance.CONSISTENTLY_MISSED, 0): "missed",
        }
        signs_and_words.append(
            (pictograms.get((assurance, history.met), "hit"), target_met_sentence(history, assessed.indicator, t))
        )
    return signs_and_words


def target_met_sentence(history: TargetHistory, indicator: Indicator, t: Translator) -> str:
    """Return how many periods met their target: « objectif atteint 3 trimestres sur 11 depuis 2024 »."""
    since = history.since
    frequency = since.frequency if isinstance(since, Period) else indicator.frequency
    return t(
        f"said.target.met.{frequency}",
        count=history.met,
        total=format_count(history.periods, t.language),
        since=since.start.year,
    )


def change_sign_and_sentence(board_change: BoardChange, t: Translator) -> tuple[str, str]:
    """Return the pictogram and the sentence of one change on a board."""
    assessed, indicator = board_change.assessed, board_change.assessed.indicator
    label = indicator.label(t.language)
    now_text, before_text = (
        format_amount(exact_value(figure.shown, indicator), indicator, t) if figure.shown else ""
        for figure in (assessed.figure, board_change.before)
    )
    values = {"label": label, "now": now_text, "before": before_text}
    match board_change.kind:
        case ChangeKind.TARGET_MET | ChangeKind.TARGET_MISSED:
            goal = assessed.figure.target
            target = format_target(goal.value, indicator, t) if goal else ""
            return board_change.kind.removeprefix("target_"), t(f"since.{board_change.kind}", target=target, **values)
        case ChangeKind.MOVED:
            sign, movement = movement_sign_and_sentence(assessed, t)
            return sign or "near", t("since.moved", movement=movement or "", **values)
        case ChangeKind.YEAR:
            side = board_change.side or Side.ABOVE
            sign = movement_pictogram(variation_of(side, indicator.direction), side)
            earlier, latest = board_change.before.shown, assessed.figure.shown
            difference = _format_difference(latest, earlier, indicator, t) if latest and earlier else None
            return sign, t(f"since.year.{side}", change=difference or "", **values)
        case ChangeKind.WITHHELD:
            return "withheld", t("since.withheld", **values)
        case ChangeKind.MISSING:
            return "absent", t("since.missing", **values)
        case ChangeKind.APPEARED:
            return "near", t("since.appeared", **values)
