"""The log of a server: one line an event, as text or as JSON, in which nothing that a stranger sends is written raw.

A line says when, how grave, who asked (the public or the administrator: never a name), which request, what, and how
long. What a stranger chose (a file's name, an address, the text of an error) is escaped and cut: it can neither begin a
line, nor speak to a terminal, nor fill a disk.
"""

import json
import logging
import re
import sys
import unicodedata
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import Final

from dashboards.settings import LogFormat, LogLevel, Settings
from dashboards.web.rate_limit import RateLimit

LONGEST_CHARS: Final = 2_000
"""Of one text in a line."""
LONGEST_TRACE_CHARS: Final = 20_000
"""Of what is told of one failure: where it came from stands at its end."""
FACTS: Final = "facts"
"""Name under which a record carries what it says besides its sentence."""
_QUIET: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "websockets")
"""Loggers that have handlers of their own."""
_KEY: Final = re.compile(r"(?i)([?&\s\"']cle=)[^&\s\"']+")
_PASSWORD: Final = re.compile(r"(?i)((?:ssl)?password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s'\";)]+)")
_IN_ADDRESS: Final = re.compile(r"(?i)(\w://[^\s/:@]*:)[^\s/@]+(@)")
HIDDEN: Final = "…"
"""Stands for what a line does not tell."""
STREAMLIT_LINES_PER_MINUTE: Final = 60
"""Of one logger of Streamlit: it writes a failure with all that led to it for each message that a stranger makes up."""


@dataclass(frozen=True)
class Asking:
    """Whom a line is about: the request, and what its sender may see."""

    request: str
    who: str


ASKING: ContextVar[Asking | None] = ContextVar("asking", default=None)
"""The request that this thread or task answers."""


def safe(text: object, longest: int = LONGEST_CHARS) -> str:
    """Return a text as a line may hold it: marks of control and of format as escapes, secrets hidden, cut."""
    told = str(text)
    if len(told) > longest:
        told = told[:longest] + HIDDEN
    for secret in (_KEY, _PASSWORD):
        told = secret.sub(rf"\1{HIDDEN}", told)
    told = _IN_ADDRESS.sub(rf"\1{HIDDEN}\2", told)
    return told if told.isascii() and told.isprintable() else "".join(map(_visible, told))


def _visible(mark: str) -> str:
    if mark == " " or (mark.isprintable() and not unicodedata.category(mark).startswith("C")):
        return mark
    code = ord(mark)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def facts(**known: object) -> dict[str, dict[str, object]]:
    """Return what a line says besides its sentence, for `extra=`; numbers stay numbers in JSON."""
    return {FACTS: known}


class _Formatter(logging.Formatter):
    """What both formats have in common."""

    def parts(self, record: logging.LogRecord) -> dict[str, object]:
        """Return the parts of a line in their order, each safe to write."""
        asking = ASKING.get()
        moment = datetime.fromtimestamp(record.created, UTC)
        try:
            said = record.getMessage()
        except (TypeError, ValueError):
            # A template that does not fit its values is a fault of ours, never a reason to lose the line.
            said = f"{record.msg} {record.args}"
        found: dict[str, object] = {
            "at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": safe(record.name),
            "worker": WORKER.number,
            "request": asking and asking.request,
            "who": asking and asking.who,
            "message": safe(said),
        }
        known: dict[str, object] = getattr(record, FACTS, {})
        for name, value in known.items():
            found[name] = value if isinstance(value, int | float | None) else safe(value)
        return {name: value for name, value in found.items() if value is not None}

    def trace(self, record: logging.LogRecord) -> list[str]:
        """Return the lines that tell where a failure came from, the last of them if they are many."""
        if not record.exc_info:
            return []
        whole = self.formatException(record.exc_info)[-LONGEST_TRACE_CHARS:]
        return [safe(line) for line in re.split(r"\r\n|\r|\n", whole)]


class TextFormatter(_Formatter):
    """One line an event; where a failure came from, each line after it begins with a bar."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        parts = self.parts(record)
        first = f"{parts.pop('at')} {str(parts.pop('level')).upper()} {parts.pop('logger')}: {parts.pop('message')}"
        told = "".join(f" {name}={value}" for name, value in parts.items())
        return "\n".join([first + told, *(f"  | {line}" for line in self.trace(record))])


class JsonFormatter(_Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        parts = self.parts(record)
        if trace := self.trace(record):
            parts["trace"] = trace
        return json.dumps(parts, ensure_ascii=True)


@dataclass
class _Worker:
    number: int | None = None


WORKER: Final = _Worker()
"""Which of several processes this one is; none where it is alone."""


def set_up_logging(settings: Settings, worker: int | None = None) -> None:
    """Write every log of the process in one way, on the standard error."""
    WORKER.number = worker
    as_json = settings.log is LogFormat.JSON
    level = settings.log_level or (LogLevel.INFO if as_json else LogLevel.WARNING)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    pace = RateLimit(STREAMLIT_LINES_PER_MINUTE)
    handler.addFilter(lambda record: not record.name.startswith("streamlit") or pace.allows(record.name))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("dashboards", "indicators"):
        logging.getLogger(name).setLevel(level.value.upper())
    logging.captureWarnings(capture=True)
    for name in _QUIET:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    if of_streamlit := sys.modules.get("streamlit.logger"):
        _take_over(of_streamlit, handler)


def _take_over(of_streamlit: ModuleType, handler: logging.Handler) -> None:
    """Have the loggers of Streamlit write as ours do: each has a handler of its own, with a format of its own."""

    def ours(logger: logging.Logger) -> None:
        logger.handlers[:] = [handler]

    of_streamlit.setup_formatter = ours  # type: ignore[attr-defined]
    of_streamlit.update_formatter()
