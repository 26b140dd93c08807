"""The log of a server: one line per event, as text or JSON, with all client input escaped.

A line has moment, level, role of the visitor (public or administrator, never a name), request id, message and duration.
Input chosen by clients (file names, addresses, error texts) is escaped and truncated: it can neither start a new line,
nor control a terminal, nor fill a disk.
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

MAX_TEXT_CHARS: Final = 2_000
"""Characters of one text in a line."""
MAX_TRACE_CHARS: Final = 20_000
"""Characters kept of a traceback, from its end, where the origin is."""
FIELDS_ATTRIBUTE: Final = "facts"
"""Attribute of log records that holds extra fields."""
_REROUTED_LOGGERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "websockets")
"""Loggers whose own handlers are removed."""
_ACCESS_KEY_PATTERN: Final = re.compile(r"(?i)([?&\s\"'](?:cle|jeton)=)[^&\s\"']+")
"""The key of the administrator, or the token of a sign-in link, in an address."""
_PASSWORD_PATTERN: Final = re.compile(r"(?i)((?:ssl)?password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s'\";)]+)")
_URL_PASSWORD_PATTERN: Final = re.compile(r"(?i)(\w://[^\s/:@]*:)[^\s/@]+(@)")
ELLIPSIS: Final = "…"
"""Replaces hidden or truncated text."""
STREAMLIT_LINES_PER_MINUTE: Final = 60
"""Limit per Streamlit logger: it logs a traceback for each malformed message of any client."""


@dataclass(frozen=True)
class RequestContext:
    """The request that log lines refer to: its id and the role of its sender."""

    request: str
    who: str


CURRENT_REQUEST: ContextVar[RequestContext | None] = ContextVar("asking", default=None)
"""The request handled by the current thread or task."""


def escape_for_log(text: object, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Return a text safe to log: control and format characters escaped, secrets hidden, truncated."""
    line_text = str(text)
    if len(line_text) > max_chars:
        line_text = line_text[:max_chars] + ELLIPSIS
    for secret in (_ACCESS_KEY_PATTERN, _PASSWORD_PATTERN):
        line_text = secret.sub(rf"\1{ELLIPSIS}", line_text)
    line_text = _URL_PASSWORD_PATTERN.sub(rf"\1{ELLIPSIS}\2", line_text)
    return line_text if line_text.isascii() and line_text.isprintable() else "".join(map(_escape_character, line_text))


def _escape_character(mark: str) -> str:
    if mark == " " or (mark.isprintable() and not unicodedata.category(mark).startswith("C")):
        return mark
    code = ord(mark)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def log_fields(**fields: object) -> dict[str, dict[str, object]]:
    """Return extra fields of a log line, for `extra=`; numbers stay numbers in JSON."""
    return {FIELDS_ATTRIBUTE: fields}


class _Formatter(logging.Formatter):
    """Common part of both formats."""

    def parts(self, record: logging.LogRecord) -> dict[str, object]:
        """Return the fields of a line in order, each safe to log."""
        asking = CURRENT_REQUEST.get()
        moment = datetime.fromtimestamp(record.created, UTC)
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            # A format string that does not fit its arguments is our mistake, and no reason to lose the line.
            message = f"{record.msg} {record.args}"
        parts: dict[str, object] = {
            "at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": escape_for_log(record.name),
            "worker": CURRENT_WORKER.number,
            "request": asking and asking.request,
            "who": asking and asking.who,
            "message": escape_for_log(message),
        }
        extra_fields: dict[str, object] = getattr(record, FIELDS_ATTRIBUTE, {})
        for name, value in extra_fields.items():
            parts[name] = value if isinstance(value, int | float | None) else escape_for_log(value)
        return {name: value for name, value in parts.items() if value is not None}

    def trace(self, record: logging.LogRecord) -> list[str]:
        """Return the lines of the traceback, the last ones if it is long."""
        if not record.exc_info:
            return []
        traceback_text = self.formatException(record.exc_info)[-MAX_TRACE_CHARS:]
        return [escape_for_log(line) for line in re.split(r"\r\n|\r|\n", traceback_text)]


class TextFormatter(_Formatter):
    """One line per event; traceback lines follow, each with a leading bar."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        parts = self.parts(record)
        first = f"{parts.pop('at')} {str(parts.pop('level')).upper()} {parts.pop('logger')}: {parts.pop('message')}"
        extra_text = "".join(f" {name}={value}" for name, value in parts.items())
        return "\n".join([first + extra_text, *(f"  | {line}" for line in self.trace(record))])


class JsonFormatter(_Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        parts = self.parts(record)
        if trace := self.trace(record):
            parts["trace"] = trace
        return json.dumps(parts, ensure_ascii=True)


@dataclass
class _WorkerNumber:
    number: int | None = None


CURRENT_WORKER: Final = _WorkerNumber()
"""Number of this worker process; null in a single-process server."""


def set_up_logging(settings: Settings, worker: int | None = None) -> None:
    """Route every logger of the process to standard error in one format."""
    CURRENT_WORKER.number = worker
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
    for name in _REROUTED_LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    if of_streamlit := sys.modules.get("streamlit.logger"):
        _take_over_streamlit(of_streamlit)


def _take_over_streamlit(of_streamlit: ModuleType) -> None:
    """Leave what Streamlit's loggers write, and those of uvicorn that it sets up, to the one handler of the root."""

    def leave_to_root(logger: logging.Logger) -> None:
        logger.handlers.clear()
        logger.propagate = True

    of_streamlit.setup_formatter = leave_to_root  # type: ignore[attr-defined]
    of_streamlit.update_formatter()
