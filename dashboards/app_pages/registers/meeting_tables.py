"""Tables of the page of meetings: bodies of a year, meetings one by one, structures of a larger perimeter."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.registers.row_page import row_link
from dashboards.components.html import NO_HTML, HtmlCell, join, link, markup, pictogram, table
from dashboards.wording.formatting import format_short_day
from indicators.definitions.perimeters import Structures, fold_case_and_accents
from indicators.queries.registers.meetings import BodyOfYear, MeetingState, RegisteredMeeting
from indicators.snapshot import Snapshot
from schemas.bodies import BODIES
from schemas.meetings import MEETINGS

MEETING_SIGNS: Final[Mapping[MeetingState, str]] = {
    MeetingState.HELD: "met",
    MeetingState.MISSED: "missed",
    MeetingState.UNREPORTED: "absent",
    MeetingState.PLANNED: "hit",
}
MAX_NAMED_DAYS: Final = 6
"""Missed days that are named in a cell; the rest is counted."""


def bodies_html(context: PageContext, snapshot: Snapshot, bodies: Sequence[BodyOfYear], year: int) -> Markup:
    """Return the bodies of one structure: how often they meet, what was due, held and missed, what comes next."""
    t = context.t
    headers = [t(f"instances.column.{name}") for name in ("body", "recurrence", "held", "missed", "next")]
    rows = [
        [
            HtmlCell(join([_body_link(context, snapshot, body), _aside(body.roles)])),
            HtmlCell(recurrence_html(context, body)),
            HtmlCell(_held_html(context, [body])),
            HtmlCell(_missed_html(context, body.missed)),
            HtmlCell(_next_html(context, body)),
        ]
        for body in bodies
    ]
    return table(t("instances.bodies.caption", year=year), headers, rows)


def structures_html(context: PageContext, structures: Structures, bodies: Sequence[BodyOfYear], year: int) -> Markup:
    """Return one row for each structure that declared bodies, in the order of the alphabet."""
    t = context.t
    headers = [t(f"instances.column.{name}") for name in ("structure", "bodies", "held", "missed", "next")]
    rows = []
    for structure, own in by_structure(structures, bodies):
        upcoming = min((body.next_planned for body in own if body.next_planned), default=None)
        url = context.link("instances", perimetre=structure, annee=str(year))
        missed = sum(len(body.missed) for body in own)
        rows.append(
            [
                HtmlCell(link(url, structures[structure].name)),
                HtmlCell(str(len(own)), is_number=True),
                HtmlCell(_held_html(context, own)),
                HtmlCell(t("instances.missed.count", count=missed) if missed else t("instances.missed.none")),
                HtmlCell(format_short_day(upcoming, t) if upcoming else "–"),
            ]
        )
    return table(t("instances.structures.caption", year=year), headers, rows)


def meetings_html(context: PageContext, snapshot: Snapshot, meetings: Sequence[RegisteredMeeting], year: int) -> Markup:
    """Return the meetings of one structure, newest first: who was present by role, what was decided, what it became."""
    t = context.t
    headers = [t(f"instances.column.{name}") for name in ("day", "body", "state", "present", "decisions", "actions")]
    rows = [
        [
            HtmlCell(_meeting_link(context, snapshot, meeting)),
            HtmlCell(meeting.body),
            HtmlCell(_state_html(context, meeting)),
            HtmlCell(meeting.present_roles or "–"),
            HtmlCell(meeting.decisions or "–"),
            HtmlCell(_actions_html(context, meeting)),
        ]
        for meeting in meetings
    ]
    return table(t("instances.meetings.caption", year=year), headers, rows)


def _meeting_link(context: PageContext, snapshot: Snapshot, meeting: RegisteredMeeting) -> Markup:
    key = {"structure": meeting.structure, "body": meeting.body, "planned_on": meeting.planned_on}
    day = format_short_day(meeting.held_on or meeting.planned_on, context.t)
    return row_link(context, snapshot, MEETINGS, key, day)


def _body_link(context: PageContext, snapshot: Snapshot, body: BodyOfYear) -> Markup:
    """Return the name of a body, which leads to the row of its newest recurrence."""
    key = {"structure": body.structure, "body": body.body, "holds_from": body.since[-1]}
    return row_link(context, snapshot, BODIES, key, body.body)


def by_structure(structures: Structures, bodies: Sequence[BodyOfYear]) -> Sequence[tuple[str, Sequence[BodyOfYear]]]:
    """Return the bodies of each structure, by the names of the structures."""
    grouped = [(structure, list(own)) for structure, own in groupby(bodies, lambda body: body.structure)]
    return sorted(grouped, key=lambda each: fold_case_and_accents(structures[each[0]].name))


def recurrence_html(context: PageContext, body: BodyOfYear) -> Markup:
    """Return how often a body meets, in words; where that changed in the year, from when and what it was before."""
    t = context.t
    now = t(f"recurrence.{body.recurrences[-1]}")
    if len(body.recurrences) == 1:
        return markup("{}", now)
    changes = [
        t(
            "instances.recurrence.before",
            recurrence=t(f"recurrence.{name}"),
            day=format_short_day(since - timedelta(days=1), t),
        )
        for name, since in zip(body.recurrences, body.since[1:], strict=False)
    ]
    return join([now, _aside(" ".join(changes))])


def _aside(text: str | None) -> Markup:
    return markup('<span class="aside">{}</span>', text) if text else NO_HTML


def _held_html(context: PageContext, bodies: Sequence[BodyOfYear]) -> Markup:
    """Return how many of the meetings due by now were held, and how many the year asks for."""
    t = context.t
    held, due, year = (sum(getattr(body, name) for body in bodies) for name in ("held", "owed_by_now", "owed"))
    if not due:
        return join([t("instances.held.none"), _aside(t("instances.held.year", count=year))])
    sign = pictogram("met" if held == due else "missed")
    label = t("instances.held.of", held=held, count=due)
    return join([sign, label, _aside(t("instances.held.year", count=year) if year != due else None)])


def _missed_html(context: PageContext, days: Sequence[date]) -> Markup:
    t = context.t
    if not days:
        return markup("{}", t("instances.missed.none"))
    named = t("list.separator").join(format_short_day(day, t) for day in days[:MAX_NAMED_DAYS])
    rest = len(days) - MAX_NAMED_DAYS
    return markup("{}", t("instances.missed.more", days=named, count=rest) if rest > 0 else named)


def _next_html(context: PageContext, body: BodyOfYear) -> Markup:
    """Return the next day planned; where none is for the next meeting due, the day by which it should be planned."""
    t = context.t
    planned = format_short_day(body.next_planned, t) if body.next_planned else None
    if body.to_plan_by is None:
        return markup("{}", planned or "–")
    proposal = t("instances.plan_by", day=format_short_day(body.to_plan_by, t))
    return join([proposal, _aside(t("instances.planned_then", day=planned) if planned else None)])


def _state_html(context: PageContext, meeting: RegisteredMeeting) -> Markup:
    t = context.t
    label = join([pictogram(MEETING_SIGNS[meeting.state]), t(f"instances.state.{meeting.state}")])
    if meeting.held_on is None or meeting.held_on == meeting.planned_on:
        return label
    return label + _aside(t("instances.state.moved", day=format_short_day(meeting.planned_on, t)))


def _actions_html(context: PageContext, meeting: RegisteredMeeting) -> Markup:
    if not meeting.actions:
        return markup("–")
    return join(
        (
            link(
                context.link("actions", structure=meeting.structure, action=reference),
                reference,
                name=context.t("instances.action.of", reference=reference),
                style="reference",
            )
            for reference in meeting.actions
        ),
        context.t("list.separator"),
    )
