"""What is said beside a series: its target and the way to it, its new bases, the actions and the notes on it."""

from collections.abc import Sequence

from dashboards.app_pages.indicator.series import Followed
from dashboards.components.html import heading, text
from dashboards.components.tiles import signs_of
from dashboards.wording import formatting as numbers
from dashboards.wording.figure_sentences import against_peers, sentence_of, year_earlier
from dashboards.wording.translations import Words
from indicators.definitions.baselines import Rebasing
from indicators.definitions.catalogue import Direction
from indicators.figures.figure import Figure
from indicators.figures.target_progress import Progress, progress
from indicators.judgement import Judgement
from indicators.network import Target
from indicators.queries.deposits.linked_actions import NamingAction, Summed, around


def aim(followed: Followed, words: Words, whose: str) -> str:
    """Say what the target is, since when, by whom and when it was agreed, and how far the figure has come.

    `whose` names the perimeter for which the target was agreed.
    """
    figures = followed.found.figures
    goal = figures[-1].target if figures else None
    if goal is None:
        described = followed.indicator.direction is Direction.NONE
        return text(words("aim.descriptive" if described else "aim.none"))
    told = f"<p>{text(_agreed(goal, followed, words, whose))}</p>"
    way = progress(figures, followed.beside.breaks)
    return told + (f"<p>{text(_way(way, words))}</p>" if way else "")


def _agreed(goal: Target, followed: Followed, words: Words, whose: str) -> str:
    ends = numbers.period(goal.ends, words) if goal.ends else words("aim.open")
    return words(
        "aim.agreed" if goal.agreed_on else "aim.origin",
        value=numbers.target(goal.value, followed.indicator, words),
        starts=numbers.period(goal.starts, words),
        ends=ends,
        origin=words(f"aim.origin.{goal.origin}"),
        day=numbers.day(goal.agreed_on, words) if goal.agreed_on else "",
        name=whose,
    )


def _way(way: Progress, words: Words) -> str:
    """Say the share of the way with the figures at both ends, and whether chance may explain the difference."""
    kind = "reached" if way.share >= 1 else "away" if way.share < 0 else "part"
    told = words(
        f"aim.way.{kind}",
        share=numbers.percent(way.share * 100, 0, words.language),
        before=_at(way.start, words),
        now=_at(way.latest, words),
    )
    return f"{told} {words('aim.chance')}" if way.beyond_chance is Judgement.COMPARABLE else told


def _at(figure: Figure, words: Words) -> str:
    if figure.shown is None:
        raise ValueError("a way goes from a figure that is shown to another")
    value = numbers.amount(numbers.value_of(figure.shown, figure.indicator), figure.indicator, words)
    return words("chart.at", value=value, during=numbers.during(figure.counted, words))


def bearing(followed: Followed, words: Words) -> str:
    """Say of the latest figure how it stands to a year earlier and to its peers, and what the past of its series is."""
    judged = followed.judged
    year, peers = year_earlier(judged.year_on_year, words), against_peers(judged, words)
    told = []
    if year:
        told.append(year)
    if peers and judged.reference:
        value = numbers.amount(judged.reference.value, judged.indicator, words)
        told.append(words("bearing.peers", told=sentence_of(peers), value=value))
    said = "".join(f"<p>{text(sentence)}</p>" for sentence in told)
    signs = signs_of(judged, words) if followed.as_process else ""
    return f'<div class="bearing">{said}{signs}</div>' if said or signs else ""


def accompaniment(followed: Followed, words: Words) -> str:
    """Return the lists of new bases, actions and notes, each under its name; nothing where there is none."""
    spans = [figure.period for figure in followed.found.figures]
    bases = [
        text(
            words(
                "rebased.item",
                period=numbers.period(one.since, words),
                day=numbers.day(one.decided_on, words),
                reason=one.reason,
            )
            if isinstance(one, Rebasing)
            else words("redefined.item", day=numbers.day(one.starts, words), version=followed.indicator.version)
        )
        for one in followed.beside.breaks
    ]
    letters = {action.reference: letter for letter, action in followed.beside.lettered(spans).items()}
    actions = [_action(one, letters.get(one.reference), followed, words) for one in followed.beside.actions]
    notes = [
        f"<b>{number}</b> {text(words('note.item', period=numbers.period(note.period, words), note=note.text))}"
        for number, _, note in followed.beside.numbered(spans)
    ]
    html = _listed(words("rebased.title"), bases) + _listed(words("action.title"), actions, words("action.caution"))
    html += _listed(words("note.title"), notes)
    return f'<div class="beside">{html}</div>' if html else ""


def _listed(title: str, items: Sequence[str], under: str = "") -> str:
    if not items:
        return ""
    return f"{heading(3, title, text(under))}<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _action(action: NamingAction, letter: str | None, followed: Followed, words: Words) -> str:
    """Tell an action, when it ran, and what was counted before and after it."""
    days = {"opened": numbers.day(action.opened_on, words)}
    ended = action.ended_on
    if action.given_up:
        state = "given_up"
    elif ended is None:
        state = "running"
    else:
        state, days["ended"] = ("verified" if action.verified_on else "done"), numbers.day(ended, words)
    aside = words(f"action.state.{state}", kind=words(f"action.kind.{action.kind}"), **days)
    if action.effectiveness is not None:
        aside = words("list.semicolon").join([aside, words(f"action.effect.{action.effectiveness}")])
    name = f"<b>{letter}</b> " if letter else ""
    told = f'{name}{text(action.action)} <span class="aside">{text(aside)}</span>'
    if not followed.as_process:
        return told
    before, after = around(action, followed.found.figures, followed.beside.breaks)
    sums = [_side(side, one, words) for side, one in (("before", before), ("after", after)) if one]
    return told + (f"<p>{text(words('list.semicolon').join(sums))}</p>" if sums else "")


def _side(side: str, summed: Summed, words: Words) -> str:
    """Say a rate before or after an action, with what chance allows it."""
    figure = summed.figure
    if figure.shown is None or not summed.enough:
        return words(f"action.{side}.few", count=summed.periods)
    value = numbers.amount(numbers.value_of(figure.shown, figure.indicator), figure.indicator, words)
    told = words(f"action.{side}", count=summed.periods, value=value)
    if figure.interval is None:
        return told
    low, high = (numbers.number(limit, 0, words.language) for limit in figure.interval)
    return words("action.interval", told=told, low=low, high=high)
