"""The page of members, for administrators: who has which role, and what can be done for or about one person."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.indicator.page import perimeter_name
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, heading, link, markup, notice, table
from dashboards.web.access_key import PERSON_PARAM
from dashboards.web.sign_in.addresses import LINK_PATH, TOKEN_PARAM, address_of
from dashboards.wording.formatting import format_day, format_short_day
from indicators.accounts.database import AccountsDatabase
from indicators.accounts.links import LINK_LASTS, make_link_token
from indicators.accounts.members import (
    HeldRole,
    LastAdministrator,
    MemberChange,
    addresses,
    change_members,
    erase_person,
    export_person,
    list_roles,
    remove_role,
)
from indicators.accounts.sessions import end_sessions_of, last_seen
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.roles import Grant, Member, Role
from indicators.errors import UnknownError
from indicators.intake.cells.dates import parse_date
from indicators.snapshot import Snapshot
from schemas.members import normalize_address

DESK_PATH: Final = "bureau"
ROWS_PER_PAGE: Final = 50
FORM_WIDTH: Final = 640
"""Pixels."""
MESSAGE_KEY: Final = "members message"
"""Name in the session of what the last click did, said once the list shows it."""


def render(context: PageContext) -> None:
    """Render the list, the form to give a role, and what can be done for or about one person."""
    t = context.t
    context.set_title(t("members.title"))
    draw_html(heading(1, t("members.title"), t("members.intro")))
    if message := st.session_state.pop(MESSAGE_KEY, None):
        draw_html(message)
    accounts = context.app_state.network.accounts
    roles = list_roles(accounts)
    # Whose last role was taken away is still known by an address, and can be erased.
    people = addresses(accounts)
    with context.app_state.network.snapshot() as snapshot:
        if roles:
            _render_list(context, snapshot, roles, accounts)
        else:
            draw_html(notice(t("members.none")))
        _render_form(context, snapshot, accounts)
        if people:
            _render_person(context, snapshot, roles, people)


def _render_list(
    context: PageContext, snapshot: Snapshot, roles: Sequence[HeldRole], accounts: AccountsDatabase
) -> None:
    t, seen = context.t, last_seen(accounts)
    placeholder = st.empty()
    first = context.paginate(ROWS_PER_PAGE, len(roles))
    rows = []
    for role in roles[first : first + ROWS_PER_PAGE]:
        member, seen_at = role.member, seen.get(role.person)
        rows.append(
            [
                HtmlCell(member.address),
                HtmlCell(t(f"role.{member.grant.role.value}")),
                HtmlCell(_perimeter_label(context, snapshot, member.grant.perimeter)),
                HtmlCell(_day(context, member.holds_from)),
                HtmlCell(_day(context, member.holds_until)),
                HtmlCell(t(f"members.state.{_state(member, context.today)}")),
                HtmlCell(format_short_day(seen_at, t) if seen_at else "–"),
            ]
        )
    names = ("address", "role", "perimeter", "from", "until", "state", "seen")
    draw_html(table(t("members.list"), [t(f"members.{name}") for name in names], rows), placeholder)


def _render_form(context: PageContext, snapshot: Snapshot, accounts: AccountsDatabase) -> None:
    """Draw the form that gives a role; what was typed stays until it is given."""
    t = context.t
    draw_html(heading(2, t("members.add")))
    perimeters = _perimeters(snapshot)
    names = {code: _perimeter_label(context, snapshot, Perimeter.parse(code)) for code in perimeters}
    with st.form("member", border=False, width=FORM_WIDTH):
        address_text = st.text_input(t("members.address"), autocomplete="off")
        role = st.selectbox(
            t("members.role"), [role.value for role in Role], format_func=lambda name: t(f"role.{name}")
        )
        code = st.selectbox(
            t("members.perimeter"), perimeters, format_func=names.__getitem__, help=t("members.add.perimeter.help")
        )
        with st.container(horizontal=True):
            days = [
                st.text_input(t(f"members.{name}"), placeholder=t("members.day"), autocomplete="off", key=f"day {name}")
                for name in ("from", "until")
            ]
        is_sent = st.form_submit_button(t("members.add.button"), type="primary")
    draw_html(markup('<p class="under">{}</p>', link(context.link("deposer"), t("members.files"))))
    if not is_sent:
        return
    address = normalize_address(address_text)
    holds_from, holds_until = (parse_date(day.strip()) for day in days)
    error = None
    if address is None:
        error = "sign_in.address.invalid"
    elif any(day.strip() and not parse_date(day.strip()) for day in days):
        error = "members.day.invalid"
    elif holds_from and holds_until and holds_until < holds_from:
        error = "members.days.reversed"
    elif role == Role.ADMINISTRATOR.value and code != NETWORK.code:
        error = "members.administrator.network"
    if error or address is None:
        draw_html(_alert(t(error or "sign_in.address.invalid")))
        return
    member = Member(address, Grant(Role(role), Perimeter.parse(code)), holds_from, holds_until)
    changed = change_members(accounts, [member], context.author, context.app_state.clock.now(), context.today)
    if isinstance(changed, LastAdministrator):
        draw_html(_alert(t("members.last")))
    elif changed.counts[MemberChange.UNCHANGED]:
        draw_html(_status(t("members.unchanged")))
    else:
        _say_after_rerun(_status(t("members.given", address=address, role=t(f"role.{role}"), perimeter=names[code])))


def _render_person(
    context: PageContext, snapshot: Snapshot, roles: Sequence[HeldRole], people: Mapping[str, str]
) -> None:
    """Draw what can be done for or about one person; `people` are addresses by pseudonym."""
    t, accounts = context.t, context.app_state.network.accounts
    draw_html(heading(2, t("members.manage")))
    person = st.selectbox(
        t("members.manage.choose"),
        sorted(people, key=people.__getitem__),
        index=None,
        format_func=people.__getitem__,
        key="member person",
        placeholder=t("choose.placeholder"),
        width=FORM_WIDTH,
    )
    if person is None:
        return
    own_roles = [role.member.grant for role in roles if role.person == person]
    labels = {
        grant: f"{t(f'role.{grant.role.value}')} · {_perimeter_label(context, snapshot, grant.perimeter)}"
        for grant in own_roles
    }
    grant = (
        st.selectbox(
            t("members.remove.which"),
            own_roles,
            format_func=labels.__getitem__,
            key=f"role of {person}",
            width=FORM_WIDTH,
        )
        if own_roles
        else None
    )
    now, today, author = context.app_state.clock.now(), context.today, context.author

    def remove(grant: Grant) -> Markup:
        removed = remove_role(accounts, person, grant, author, now, today)
        return _alert(t("members.last")) if isinstance(removed, LastAdministrator) else _status(t("members.removed"))

    def sign_out() -> Markup:
        return _status(t("members.signed_out", count=end_sessions_of(accounts, person, author, now)))

    def erase() -> Markup:
        erased = erase_person(accounts, person, author, now, today)
        return _alert(t("members.last")) if isinstance(erased, LastAdministrator) else _status(t("members.erased"))

    with st.container(horizontal=True, key="member actions"):
        if grant is not None:
            _button(context, "members.remove", person, partial(remove, grant))
        _button(context, "members.sign_out", person, sign_out)
        if context.app_state.sign_in is not None:
            _button(context, "members.link", person, lambda: _link_html(context, accounts, person, now))
            eyes = link(context.link(DESK_PATH, **{PERSON_PARAM: person}), t("members.eyes"), style="way")
            draw_html(eyes, width="content")
        context.offer_download(
            t("members.export"),
            lambda: json.dumps(export_person(accounts, person), ensure_ascii=False, default=str, indent=1),
            "membre.json",
            "application/json",
            "member export",
        )
    with st.expander(t("members.erase")):
        draw_html(markup("<p>{}</p>", t("members.erase.sure")))
        _button(context, "members.erase.confirm", person, erase)


def _button(context: PageContext, key: str, person: str, act: Callable[[], Markup]) -> None:
    """Draw a button that acts on a person, says what it did, and shows the list as it then is."""
    if not st.button(context.t(key), key=f"{key} {person}"):
        return
    try:
        _say_after_rerun(act())
    except UnknownError:
        _say_after_rerun(_alert(context.t("members.gone")))


def _link_html(context: PageContext, accounts: AccountsDatabase, person: str, now: datetime) -> Markup:
    t, site = context.t, context.app_state.site
    token = make_link_token(accounts, person, context.author, now)
    sentence = t("members.link.made", minutes=int(LINK_LASTS.total_seconds() // 60))
    url = site.url + address_of(LINK_PATH, t, **{TOKEN_PARAM: token})
    return markup(
        '<div class="notice" role="status"><p>{}</p><p><code class="secret">{}</code></p></div>', sentence, url
    )


def _say_after_rerun(message: Markup) -> None:
    """Render the page anew, as the accounts now are, with a message at its head."""
    st.session_state[MESSAGE_KEY] = message
    st.rerun()


def _perimeters(snapshot: Snapshot) -> Sequence[str]:
    """Return the codes of all perimeters: the network, regions, groups, kinds, structures."""
    order = (Level.REGION, Level.GROUP, Level.KIND)
    wider = sorted(snapshot.structures.members_by_perimeter, key=lambda each: (order.index(each.level), each.name))
    return [NETWORK.code, *(each.code for each in wider), *sorted(snapshot.structures.by_id)]


def _perimeter_label(context: PageContext, snapshot: Snapshot, perimeter: Perimeter) -> str:
    """Return the name of a perimeter, or its code if there is no such perimeter any more."""
    try:
        return perimeter_name(context, snapshot, perimeter)
    except UnknownError:
        return perimeter.code


def _state(member: Member, today: date) -> str:
    if member.holds_on(today):
        return "holds"
    return "ended" if member.holds_until is not None and member.holds_until < today else "future"


def _day(context: PageContext, day: date | None) -> str:
    return format_day(day, context.t) if day else "–"


def _alert(sentence: str) -> Markup:
    return markup('<div class="notice" role="alert"><p>{}</p></div>', sentence)


def _status(sentence: str) -> Markup:
    return markup('<div class="notice" role="status"><p>{}</p></div>', sentence)
