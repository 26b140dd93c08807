"""What a mail says, in its reader's language, as text and as HTML: no figure that a forwarded mail should not show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from markupsafe import Markup

from dashboards.components.html import join, link, markup
from dashboards.mails.mail_server import Mail, on_one_line
from dashboards.mails.planning import MailKind, is_still_due, still_directed, still_waiting
from dashboards.web.sign_in.addresses import LANGUAGE_PARAM, SIGN_IN_PATH, TARGET_PARAM, address_of
from dashboards.wording.formatting import format_day, format_period
from dashboards.wording.translations import DEFAULT_LANGUAGE, LANGUAGES, Translator, load_translator
from indicators.accounts.database import AccountsDatabase
from indicators.accounts.mail_queue import QueuedMail
from indicators.accounts.members import Correspondent
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.queries.deposits.approvals import find_approval
from indicators.queries.figures.assessed_board import assess_board
from indicators.queries.figures.changes import ChangeKind, find_changes
from indicators.snapshot import QueryContext, Snapshot

CHANGES_BEYOND_CHANCE = (ChangeKind.TARGET_MISSED, ChangeKind.TARGET_MET, ChangeKind.MOVED, ChangeKind.YEAR)
"""Kinds of the changes that a digest names."""


@dataclass(frozen=True)
class Letter:
    """What a mail says: subject, paragraphs, a list, what follows it, and links with their texts."""

    subject: str
    paragraphs: Sequence[str]
    items: Sequence[str] = ()
    links: Sequence[tuple[str, str]] = ()
    closing: Sequence[str] = ()


@dataclass(frozen=True)
class Writer:
    """Writes letters about one snapshot, as of a day; `site_url` begins the addresses of links."""

    snapshot: Snapshot
    accounts: AccountsDatabase
    today: date
    site_url: str

    def write(self, queued: QueuedMail, reader: Correspondent) -> Letter | None:
        """Return the letter, or null if there is nothing to say any more."""
        t = translator_of(reader)
        match MailKind(queued.kind):
            case MailKind.REMINDER:
                return self._reminder(queued, t)
            case MailKind.DIGEST:
                return self._digest(queued, t)
            case MailKind.DECISION:
                return self._decision(queued, t)

    def _reminder(self, queued: QueuedMail, t: Translator) -> Letter | None:
        quarter = Period.parse(queued.facts["period"])
        waiting = still_waiting(self.snapshot, self.accounts, self.today, queued)
        if not waiting:
            return None
        last_day = date.fromisoformat(queued.facts["last_day"])
        period, day = format_period(quarter, t), format_day(last_day, t)
        when = "late" if self.today > last_day else "due"
        chosen = {"structure": waiting[0]} if len(waiting) == 1 else {}
        return Letter(
            t(f"mail.reminder.subject.{when}", period=period, day=day),
            [t("mail.hello"), t(f"mail.reminder.{when}", period=period, day=day, count=len(waiting))],
            [_name(self.snapshot, name) for name in waiting],
            [(t("mail.reminder.link"), self._address("deposer", t, periode=quarter.code, **chosen))],
        )

    def _decision(self, queued: QueuedMail, t: Translator) -> Letter | None:
        approval = find_approval(self.snapshot, queued.facts["deposit"])
        if approval is None or not is_still_due(self.snapshot, self.accounts, self.today, queued):
            return None
        verdict, receipt = approval.state.value, approval.receipt
        name = on_one_line(receipt.file_name or receipt.deposit[:8])
        return Letter(
            t(f"mail.decision.subject.{verdict}", file=name),
            [t("mail.hello"), t(f"mail.decision.{verdict}", file=name)],
            links=[(t("mail.decision.link"), self._address("deposer", t, depot=receipt.deposit))],
        )

    def _digest(self, queued: QueuedMail, t: Translator) -> Letter | None:
        quarter = Period.parse(queued.facts["period"])
        directed = still_directed(self.snapshot, self.accounts, self.today, queued)
        if not directed:
            return None
        items = []
        for name in directed:
            labels = self._changed(name, quarter, t.language)
            sentence = t("mail.digest.changed", count=len(labels), names=t("list.separator").join(labels))
            items.append(f"{_name(self.snapshot, name)} – {sentence if labels else t('mail.digest.nothing')}")
        following = self.snapshot.campaigns.for_period(quarter.shifted(1))
        due = t("mail.digest.due", period=format_period(following.period, t), day=format_day(following.due, t))
        return Letter(
            t("mail.digest.subject", period=format_period(quarter, t)),
            [t("mail.hello"), t("mail.digest.what", period=format_period(quarter, t))],
            items,
            [(t("mail.digest.link"), self._address("bureau", t))],
            [due],
        )

    def _address(self, page: str, t: Translator, **parameters: str) -> str:
        """Return the address of a page by way of the sign-in: without one, the page itself does not exist."""
        language = {} if t.language == DEFAULT_LANGUAGE else {LANGUAGE_PARAM: t.language}
        query = urlencode({**parameters, **language})
        target = f"/{page}?{query}" if query else f"/{page}"
        return self.site_url + address_of(SIGN_IN_PATH, t, **{TARGET_PARAM: target})

    def _changed(self, structure: str, quarter: Period, language: str) -> list[str]:
        """Return the labels of the public figures of a structure that changed beyond chance: never their values."""
        perimeter = Perimeter(Level.STRUCTURE, structure)
        board = assess_board(QueryContext(self.snapshot, Audience.PUBLIC, self.today), perimeter, perimeter, quarter)
        return [
            change.assessed.indicator.label(language)
            for change in find_changes(board, quarter)
            if change.kind in CHANGES_BEYOND_CHANCE
        ]


def translator_of(reader: Correspondent) -> Translator:
    """Return the language in which the site writes to a reader: that of their last sign-in."""
    return load_translator(reader.language if reader.language in LANGUAGES else DEFAULT_LANGUAGE)


def _name(snapshot: Snapshot, structure: str) -> str:
    """Return the name of a structure as one line: with line breaks, it could say things in the name of the site."""
    return on_one_line(snapshot.structures[structure].name)


def to_mail(letter: Letter, reader: Correspondent, message_id: str, unsubscribe_url: str | None = None) -> Mail:
    """Return the mail of a letter; `unsubscribe_url` for those that are not owed."""
    t = translator_of(reader)
    foot = [t("mail.foot")] + ([f"{t('mail.unsubscribe')} {unsubscribe_url}"] if unsubscribe_url else [])
    lines = [
        *letter.paragraphs,
        *(["\n".join(f"– {item}" for item in letter.items)] if letter.items else []),
        *letter.closing,
        *(f"{t('mail.link', name=name)}\n{url}" for name, url in letter.links),
        "-- \n" + "\n".join(foot),
    ]
    return Mail(
        reader.address,
        letter.subject,
        "\n\n".join(lines) + "\n",
        _html(letter, t, unsubscribe_url),
        message_id,
        unsubscribe_url,
    )


def _html(letter: Letter, t: Translator, unsubscribe_url: str | None) -> Markup:
    paragraphs = join(markup("<p>{}</p>", each) for each in letter.paragraphs)
    items = join(markup("<li>{}</li>", each) for each in letter.items)
    list_html = markup("<ul>{}</ul>", items) if letter.items else ""
    closing = join(markup("<p>{}</p>", each) for each in letter.closing)
    links = join(markup("<p>{}</p>", link(url, name)) for name, url in letter.links)
    unsubscribe = markup(" {}", link(unsubscribe_url, t("mail.unsubscribe"))) if unsubscribe_url else ""
    return markup(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
        '<body style="font-family:sans-serif;max-width:38rem;line-height:1.5;color:#1A2226">{}{}{}{}'
        '<p style="color:#55626A;font-size:.9em">{}{}</p></body></html>',
        t.language,
        letter.subject,
        paragraphs,
        list_html,
        closing,
        links,
        t("mail.foot"),
        unsubscribe,
    )
