"""The section of registers on the public board of a structure: counts of acts, themes, and what came of it."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.components.html import NO_HTML, facts, heading, join, markup
from dashboards.wording.formatting import format_count, format_day, format_short_day
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Period
from indicators.queries.registers.public_part import PublicPart, PublicText, public_part
from indicators.snapshot import Snapshot

SHOWN_STEPS: Final = ("received", "answered", "adopted", "reported")
"""Steps of requests in the order in which they are read."""


def public_registers_html(context: PageContext, snapshot: Snapshot, structure: Structure, quarter: Period) -> Markup:
    """Return what everybody may know of a structure's registers up to a quarter; nothing if there is nothing."""
    part = public_part(snapshot, structure, quarter, context.today)
    if part is None or part.is_empty:
        return NO_HTML
    t = context.t
    when = t("public_registers.when", year=part.until.year, day=format_day(part.until, t))
    lists = [
        _list_html(t("public_registers.themes"), [_dated(context, each) for each in part.themes]),
        _list_html(t("public_registers.answers"), [_answer_html(context, each) for each in part.answers]),
        _list_html(t("public_registers.improvements"), [_improvement(context, each) for each in part.improvements]),
    ]
    return markup(
        '<section class="changed">{}{}{}</section>',
        heading(2, t("public_registers.title"), when),
        facts(_counts(context, part), brief=True),
        join(lists),
    )


def _counts(context: PageContext, part: PublicPart) -> list[tuple[str, str]]:
    t, pairs = context.t, list[tuple[str, str]]()
    if part.occasions is not None:
        pairs.append((t("public_registers.occasions"), format_count(part.occasions, t.language)))
    if part.requests:
        steps = ", ".join(
            t(f"public_registers.step.{name}", number=format_count(part.requests[name], t.language))
            for name in SHOWN_STEPS
            if name in part.requests
        )
        pairs.append((t("public_registers.requests", year=part.requests_year), steps))
    if part.actions:
        opened, closed = (format_count(count, t.language) for count in part.actions)
        pairs.append((t("public_registers.actions"), t("public_registers.moved", opened=opened, closed=closed)))
    return pairs


def _list_html(title: str, items: Sequence[str]) -> Markup:
    if not items:
        return NO_HTML
    lines = join(markup("<li>{}</li>", item) for item in items)
    return markup('{}<ul class="plain">{}</ul>', heading(3, title), lines)


def _dated(context: PageContext, text: PublicText) -> Markup:
    return markup('{} <span class="aside">{}</span>', text.text, format_short_day(text.day, context.t))


def _answer_html(context: PageContext, text: PublicText) -> Markup:
    """Return a request, its answer and what was decided."""
    t = context.t
    decision = t(f"requests.decision.{text.state}") if text.state else ""
    return markup('{} → {} <span class="aside">{}</span>', text.text, text.answer, decision)


def _improvement(context: PageContext, text: PublicText) -> Markup:
    state = context.t(f"public_registers.state.{text.state}")
    return markup('{} <span class="aside">{}</span>', text.text, state)
