"""What was done after a signal: how long until the first action and its verdict, and signals without an action."""

from collections.abc import Sequence

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.action_list import action_url
from dashboards.app_pages.registers.choice import RegisterChoice
from dashboards.app_pages.registers.links import open_action_link
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, link, markup, notice, table
from dashboards.wording.formatting import format_count, format_period
from indicators.definitions.catalogue import Audience
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.queries.registers.reactions import QUARTERS_LOOKED_BACK, Reaction, find_reactions, median_days
from indicators.snapshot import Snapshot

MAX_LISTED = 100
"""Signals that are listed; the newest come first."""


def draw_reactions(context: PageContext, snapshot: Snapshot, choice: RegisterChoice, structures: Sequence[str]) -> None:
    """Draw the signals of the last quarters, each with the first action opened after it, or without one."""
    t, quarters = context.t, reported_quarters(snapshot)
    latest = next((quarter for quarter in quarters if quarter.end < context.today), None)
    reactions = find_reactions(context.query(snapshot, Audience.MANAGEMENT), structures, latest) if latest else ()
    if not reactions:
        draw_html(notice(t("actions.signals.none", name=choice.name, quarters=QUARTERS_LOOKED_BACK)))
        return
    answered = [each for each in reactions if each.reference]
    sentences = [t("actions.signals.count", count=len(reactions), quarters=QUARTERS_LOOKED_BACK)]
    if (days := median_days([each.days_to_action for each in reactions])) is not None:
        text = format_count(round(days), t.language)
        sentences.append(t("actions.signals.answered", count=len(answered), days=text))
    if (days := median_days([each.days_to_verdict for each in reactions])) is not None:
        sentences.append(t("actions.signals.verdict", days=format_count(round(days), t.language)))
    sentences.append(t("actions.signals.unanswered", count=len(reactions) - len(answered)))
    draw_html(
        markup("<p>{}</p>", " ".join(sentences))
        + _table_html(context, snapshot, [each for each in reactions if not each.reference], answered)
        + markup('<p class="under">{}</p>', t("actions.signals.note"))
    )


def _table_html(
    context: PageContext, snapshot: Snapshot, unanswered: Sequence[Reaction], answered: Sequence[Reaction]
) -> Markup:
    t = context.t
    rows = []
    for each in (*unanswered, *answered)[:MAX_LISTED]:
        sheet = snapshot.catalogue[each.indicator]
        url = context.link("indicateur", indicateur=sheet.id, perimetre=each.structure, vue="gestion")
        rows.append(
            [
                HtmlCell(link(url, sheet.short(t.language))),
                HtmlCell(snapshot.structures[each.structure].name),
                HtmlCell(_period(context, each)),
                HtmlCell(t(f"actions.variation.{each.variation}")),
                HtmlCell(_answer_html(context, snapshot, each)),
            ]
        )
    headers = [t(f"actions.signals.column.{name}") for name in ("indicator", "structure", "period", "what", "answer")]
    return table(t("actions.signals.caption"), headers, rows)


def _period(context: PageContext, reaction: Reaction) -> str:
    """Return the quarter in which a signal began, or « T4 2024 ou avant »."""
    period = format_period(reaction.period, context.t)
    return period if reaction.is_beginning_known else context.t("actions.signals.or_before", period=period)


def _answer_html(context: PageContext, snapshot: Snapshot, reaction: Reaction) -> Markup | str:
    """Return the first action after a signal with the days until it, if they are known, or where one can be opened."""
    t = context.t
    if reaction.reference:
        action = link(action_url(context, reaction.structure, reaction.reference), reaction.reference)
        days = reaction.days_to_action
        return action if days is None else markup("{} {}", action, t("actions.signals.after", count=days))
    where = (reaction.structure, reaction.indicator, reaction.period)
    return open_action_link(context, snapshot.structures, *where) or t("actions.signals.nothing")
