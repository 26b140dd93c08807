"""The calendar of meetings, line by line as RFC 5545 has it."""

from __future__ import annotations

import re
from datetime import date, datetime

from dashboards.downloads.calendar_file import calendar_file

MADE_AT = datetime.fromisoformat("2026-11-24T09:30:00")


def lines_of(content: bytes) -> list[str]:
    """Return the lines of a calendar as a program reads them: folded ones joined, texts not yet unescaped."""
    assert content.endswith(b"\r\n")
    return content.decode().removesuffix("\r\n").replace("\r\n ", "").split("\r\n")


def test_each_meeting_is_an_event_of_a_whole_day_with_its_name_and_nothing_else() -> None:
    content = calendar_file("Instances", "atelier", [("Comité de pilotage", date(2026, 12, 31))], MADE_AT)
    lines = lines_of(content)
    event = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]
    assert {line.partition(":")[0] for line in event} == {
        "UID", "DTSTAMP", "DTSTART;VALUE=DATE", "DTEND;VALUE=DATE", "SUMMARY", "TRANSP",
    }  # fmt: skip
    assert "DTSTART;VALUE=DATE:20261231" in event
    assert "DTEND;VALUE=DATE:20270101" in event, "the day after, which is not of it"
    assert "DTSTAMP:20261124T093000Z" in event
    assert "SUMMARY:Comité de pilotage" in event
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert {"VERSION:2.0", "METHOD:PUBLISH"} <= set(lines)
    assert any(line.startswith("PRODID:") for line in lines)


def test_lines_have_at_most_75_bytes_and_no_letter_is_cut() -> None:
    name = "Réunion d’équipe élargie à la délégation du personnel – été, hiver ; et puis ❄ " * 3
    content = calendar_file(name, "atelier", [(name, date(2026, 12, 15))], MADE_AT)
    physical = content.split(b"\r\n")
    assert max(map(len, physical)) <= 75
    assert all(part.decode() for part in physical[:-1])
    (summary,) = [line for line in lines_of(content) if line.startswith("SUMMARY:")]
    plain = re.sub(r"\\([\\;,])", r"\1", summary.removeprefix("SUMMARY:"))
    assert plain == name


def test_a_name_adds_no_line_of_its_own() -> None:
    name = "Comité\nEND:VEVENT\r\nBEGIN:VALARM\\"
    lines = lines_of(calendar_file("x", "atelier", [(name, date(2026, 12, 15))], MADE_AT))
    assert lines.count("END:VEVENT") == 1
    assert "BEGIN:VALARM" not in lines
    assert r"SUMMARY:Comité\nEND:VEVENT\nBEGIN:VALARM\\" in lines


def test_the_same_meeting_is_the_same_event_and_another_is_another() -> None:
    def identities(owner: str, *meetings: tuple[str, date]) -> list[str]:
        return [line for line in lines_of(calendar_file("x", owner, meetings, MADE_AT)) if line.startswith("UID:")]

    one, other = ("Comité", date(2026, 12, 15)), ("Comité", date(2026, 12, 16))
    assert identities("a", one) == identities("a", one)
    assert len({*identities("a", one, other), *identities("b", one)}) == 3
