"""What mails say: the same in text and HTML, in French and English, without a figure and without a foreign word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboards.clock import Clock
from dashboards.mails.letters import Letter, Writer, to_mail, translator_of
from dashboards.mails.planning import due_mails, due_reminders
from dashboards.mails.sending import unsubscribe_address
from dashboards.web.sign_in.routes import own_page
from dashboards.wording.formatting import format_day, format_period
from dashboards.wording.translations import load_translator
from indicators.accounts.members import Correspondent, change_members, find_person
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.roles import Grant, Member, Role
from indicators.network import Network
from indicators.queries.figures.assessed_board import assess_board
from indicators.queries.figures.changes import ChangeKind, find_changes
from indicators.snapshot import QueryContext
from tests.builders import NOW, TODAY, badly_spaced
from tests.conftest import copy_store
from tests.dashboards.mails.conftest import DUE, FIFTEEN_BEFORE, SITE, MailSite
from tests.dashboards.mails.mailbox import texts_of

DIRECTION, DEPOSIT = "direction@atelier.example", "depot@atelier.example"
LANGUAGES = ("fr", "en")
EVIL = 'Atelier <b>"Éclat"</b>\r\nBcc: autre@ailleurs.example\r\n\r\nhttps://ailleurs.example & fils (fictif)'


class HtmlText(HTMLParser):
    """The texts and the addresses of a page of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.urls: list[str] = []
        self.language = ""
        self.feed(html)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.language = found.get("lang") or self.language
        self.urls += [found["href"] or ""] if "href" in found else []

    def handle_data(self, data: str) -> None:
        self.texts += [data.strip()] if data.strip() else []


@pytest.fixture(scope="module")
def large(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The fictitious network with a director and a depositor of several structures, of which much can be said."""
    with Network(str(copy_store(demo_folder, tmp_path_factory.mktemp("mails") / "store"))) as network:
        with network.snapshot() as snapshot:
            names = list(snapshot.structures.by_id)[:12]
        members = [
            Member(address, Grant(role, Perimeter.parse(name)), None, None)
            for name in names
            for address, role in ((DIRECTION, Role.DIRECTOR), (DEPOSIT, Role.DEPOSITOR))
        ]
        change_members(network.accounts, members, "essai", NOW, TODAY)
        yield network


def written(network: Network, today: date, language: str) -> list[tuple[Letter, Correspondent, str | None]]:
    """Return the letters that are due on a day, whom they are for, and where they are ended."""
    found = []
    with network.snapshot() as snapshot:
        writer = Writer(snapshot, network.accounts, today, SITE)
        for queued in due_mails(snapshot, network.accounts, today):
            reader = Correspondent(queued.person, "a@atelier.example", language, True)
            letter = writer.write(queued, reader)
            assert letter is not None
            url = unsubscribe_address(network.accounts, queued.person, SITE, translator_of(reader))
            found.append((letter, reader, url if queued.kind == "digest" else None))
    return found


def digest_day(network: Network) -> date:
    """Return a day on which digests of a quarter with figures are due, and nobody is reminded."""
    return network.declared_campaigns.for_period(Period.parse("2026-T3")).due + timedelta(days=5)


@pytest.fixture(params=LANGUAGES)
def letters(request: pytest.FixtureRequest, large: Network) -> list[tuple[Letter, Correspondent, str | None]]:
    """A digest, and a reminder of structures that have not delivered, in each language."""
    found = written(large, digest_day(large), request.param)
    later = large.declared_campaigns.for_period(Period.parse("2026-T4")).due - timedelta(days=2)
    found += written(large, later, request.param)
    assert len(found) == 2
    return found


def test_text_and_html_say_the_same_in_the_same_order_with_the_same_links(
    letters: list[tuple[Letter, Correspondent, str | None]],
) -> None:
    for letter, reader, url in letters:
        mail = to_mail(letter, reader, "<a@b>", url)
        html = HtmlText(str(mail.body))
        t = load_translator(reader.language)
        lines = [line.removeprefix("– ") for line in mail.text.splitlines() if line not in ("", "-- ")]
        urls = [word for line in lines for word in line.split() if word.startswith("http")]
        assert urls == html.urls
        links = {t("mail.link", name=name): name for name, _ in letter.links}
        plain = [links.get(line, line) for line in lines if line not in urls]
        plain = [line.removesuffix(f" {url}") for line in plain]
        assert plain == html.texts[1:], "the first is the title"
        assert html.texts[0] == mail.subject == letter.subject
        assert html.language == reader.language


def test_no_figure_stands_in_any_mail(letters: list[tuple[Letter, Correspondent, str | None]], large: Network) -> None:
    """No digit that is not of a day, a period, a name, a label or a count of changes."""
    with large.snapshot() as snapshot:
        known = [structure.name for structure in snapshot.structures.by_id.values()]
    for letter, reader, url in letters:
        t = load_translator(reader.language)
        mail = to_mail(letter, reader, "<a@b>", url)
        text = f"{mail.subject}\n{mail.text}"
        labels = [sheet.label(reader.language) for sheet in large.catalogue]
        periods = [Period.parse(f"{year}-T{quarter}") for year in (2026, 2027) for quarter in (1, 2, 3, 4)]
        days = [DUE + timedelta(days=number) for number in range(200)]
        allowed = [
            *known,
            *labels,
            *(format_period(each, t) for each in periods),
            *(format_day(day, t) for day in days),
        ]
        for part in sorted(allowed, key=len, reverse=True):
            text = text.replace(part, "")
        text = re.sub(r"\S+://\S+", "", text)
        for item in letter.items:
            counted = re.search(r"– (\d+) \w+ :".replace(" :", r"[\u00a0 ]?:"), item)
            if counted:
                text = text.replace(counted[0], "")
                assert int(counted[1]) <= len(labels)
        assert re.findall(r"\d", text) == [], text


def test_a_digest_names_only_public_figures_and_those_that_changed(large: Network) -> None:
    today = digest_day(large)
    ((letter, reader, _),) = written(large, today, "fr")
    with large.snapshot() as snapshot:
        management = [each for each in snapshot.catalogue if each.audience.value == "management"]
        assert management
        for each in management:
            assert each.label("fr") not in "\n".join(letter.items), each.id
        for item in letter.items:
            name, _, rest = item.partition(" – ")
            structure = next(one for one in snapshot.structures.by_id.values() if one.name == name)
            perimeter = Perimeter(Level.STRUCTURE, structure.id)
            quarter = Period.parse("2026-T3")
            board = assess_board(QueryContext(snapshot, Audience.PUBLIC, today), perimeter, perimeter, quarter)
            changed = [
                found.assessed.indicator.label("fr")
                for found in find_changes(board, quarter)
                if found.kind in (ChangeKind.TARGET_MISSED, ChangeKind.TARGET_MET, ChangeKind.MOVED, ChangeKind.YEAR)
            ]
            assert all(label in rest for label in changed)
            assert ("rien qui dépasse" in rest) is (changed == [])
    assert reader.language == "fr"
    assert any("changement" in item for item in letter.items), "or this test says nothing"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_is_typographically_sound_and_of_one_language(large: Network, language: str) -> None:
    french = re.compile(r"\b(le|la|les|des|une|vos|votre|est|sont|jusqu’au|courriel)\b", re.IGNORECASE)
    for today in (digest_day(large), large.declared_campaigns.for_period(Period.parse("2026-T4")).due):
        for letter, reader, url in written(large, today, language):
            mail = to_mail(letter, reader, "<a@b>", url)
            own = [line for line in mail.text.splitlines() if not line.startswith("–") and "://" not in line]
            if language == "fr":
                assert badly_spaced("\n".join([mail.subject, *own, *letter.items])) == []
            else:
                assert french.findall("\n".join([mail.subject, *own])) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_leads_through_the_sign_in_to_a_page_of_ours_in_the_readers_language(
    large: Network, language: str
) -> None:
    for today in (digest_day(large), large.declared_campaigns.for_period(Period.parse("2026-T4")).due):
        for letter, _, _ in written(large, today, language):
            for _, url in letter.links:
                parts = urlsplit(url)
                parameters = parse_qs(parts.query)
                assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{SITE}/connexion"
                target = parameters["vers"][0]
                assert own_page(target) == target != ""
                in_both = (parameters.get("lang"), parse_qs(urlsplit(target).query).get("lang"))
                assert in_both == ((None, None) if language == "fr" else (["en"], ["en"]))


def test_a_mail_is_in_the_language_of_the_last_sign_in_and_in_french_if_that_is_none_of_ours(site: MailSite) -> None:
    for address, language in ((DEPOSIT, "en"), (DIRECTION, "xx")):
        site.give(address, Role.DEPOSITOR, "atelier-a")
        site.write_in(address, language)
    site.run(FIFTEEN_BEFORE)
    assert texts_of(site.box.mail_to(DEPOSIT))[0].startswith("Hello")
    assert texts_of(site.box.mail_to(DIRECTION))[0].startswith("Bonjour")


def test_a_reminder_leads_to_the_deposit_of_its_structure_and_period(site: MailSite) -> None:
    site.give(DEPOSIT, Role.DEPOSITOR, "atelier-a")
    site.run(FIFTEEN_BEFORE)
    text, _ = texts_of(site.box.mail_to(DEPOSIT))
    (url,) = re.findall(r"https://\S+", text)
    assert parse_qs(urlsplit(url).query)["vers"] == ["/deposer?periode=2026-T3&structure=atelier-a"]
    assert site.box.mail_to(DEPOSIT)["Subject"] == "À déposer avant le 30 octobre 2026\u00a0: chiffres du T3 2026"


def test_no_name_of_a_structure_adds_a_header_a_line_a_link_or_a_tag(site: MailSite) -> None:
    site.give(DEPOSIT, Role.DEPOSITOR, "atelier-a")
    person = find_person(site.network.accounts, DEPOSIT)
    with site.network.snapshot() as snapshot:
        # Deposits are cleaned of line breaks; what an older store holds may not be.
        one = snapshot.structures.by_id["atelier-a"]
        object.__setattr__(one, "name", EVIL)
        (queued,) = due_reminders(snapshot, site.network.accounts, FIFTEEN_BEFORE)
        reader = Correspondent(person, DEPOSIT, "fr", True)
        letter = Writer(snapshot, site.network.accounts, Clock(FIFTEEN_BEFORE).today(), SITE).write(queued, reader)
    assert letter is not None
    name = " ".join(filter(None, EVIL.splitlines()))
    assert letter.items == [name]
    site.box.server.send(to_mail(replace(letter, subject=EVIL), reader, "<a@b>"))
    mail = site.box.mail_to(DEPOSIT)
    assert site.box.readers == [DEPOSIT]
    assert (mail["Bcc"], mail["Subject"]) == (None, name)
    text, html = texts_of(mail)
    assert f"– {name}\n" in text
    assert name in HtmlText(html).texts
    assert "<b>" not in html
    assert HtmlText(html).urls == [url for _, url in letter.links]
