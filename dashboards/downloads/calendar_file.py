"""Meetings as an iCalendar (RFC 5545): the name of each and its day, and nothing else."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

CALENDAR_TYPE: Final = "text/calendar; charset=utf-8"
"""Media type of calendars."""
MAX_LINE_BYTES: Final = 75
"""Bytes of a line without its end: longer ones are folded (RFC 5545, 3.1)."""
LINE_END: Final = "\r\n"
ESCAPED: Final = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n", "\r": None})
REFRESHED_EVERY: Final = "PT12H"
"""How often calendar programs should ask again."""


def calendar_file(name: str, owner: str, meetings: Iterable[tuple[str, date]], made_at: datetime) -> bytes:
    """Return the calendar of some meetings, each for a whole day: its name and its day.

    `owner` tells meetings of the same name apart; the same meeting is the same event in each calendar made of it.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//pilotage//instances//FR",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESHED_EVERY}",
        f"X-PUBLISHED-TTL:{REFRESHED_EVERY}",
    ]
    for meeting, day in meetings:
        lines += _event(meeting, owner, day, made_at)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}{LINE_END}" for line in lines for folded in _folded(line)).encode()


def _event(meeting: str, owner: str, day: date, made_at: datetime) -> list[str]:
    identity = sha256(f"{owner}\n{meeting}\n{day.isoformat()}".encode()).hexdigest()[:32]
    return [
        "BEGIN:VEVENT",
        f"UID:{identity}@pilotage",
        f"DTSTAMP:{made_at:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(meeting)}",
        # A day with a meeting is not a day away.
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _text(text: str) -> str:
    return text.translate(ESCAPED)


def _folded(line: str) -> Iterator[str]:
    """Yield a line in parts of at most 75 bytes, never in the middle of a letter; each after the first begins with a
    space."""
    part, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > MAX_LINE_BYTES:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + width
    yield part
