"""The look of the pages: one style, printed-matter quality, and one script, both named in the head of every page."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from dashboards.charts import colours
from dashboards.wording.translations import words as words_of

STYLE: Final = Path(__file__).parent.parent / "static" / "pilotage.css"
SCRIPTS: Final = tuple(
    Path(__file__).parent.parent / "static" / name for name in ("shell.js", "first_look.js", "names.js", "away.js")
)
CONTROLS: Final = {'[data-testid="stSelectbox"] button': "choose.open"}
"""Streamlit's own controls, by selector, and the words that name them."""
SCOPE: Final = (
    '[data-testid="stFileUploader"], [data-testid^="stTooltip"], [role="tooltip"], [data-live-announcer],'
    ' [data-testid="stSelectboxVirtualDropdown"], [data-testid="stDownloadButton"], a[href="#stMain"]'
)
"""Where Streamlit's own English is looked for."""
PHRASES: Final[Mapping[str, str | None]] = {
    r"^(Upload|file upload)$": "uploader.choose",
    r"^Add files$": "uploader.add",
    r"^Drag and drop files here$": "uploader.drag",
    r"^([\d.]+[KMG]?B) per file$": "uploader.limit",
    r"^ • [A-Z, ]+$": None,
    r"^Remove (.+)$": "uploader.remove",
    r"^Cancel upload of (.+)$": "uploader.cancel",
    r"^Error: $": None,
    r"^\w+ icon$": None,
    r"^File must be (.+) or smaller\.$": "uploader.too_large",
    r"^.*files are not allowed\.$": "uploader.not_allowed",
    r"^(Upload failed|Unexpected error.*|Network error.*|Connection (failed|lost).*|.*[Rr]equest failed.*)$": (
        "uploader.failed"
    ),
    r"^(Failed to generate file for download|Download failed|Deferred download .*)$": "taken.failed",
    r"^No results$": "choose.nothing",
    r"^Dismiss$": "choose.close",
    r"^(\d+) options? available\.$": "choose.count",
    r"^(.+), selected$": "choose.selected",
    r"^Skip to main content$": "page.skip",
}
"""What Streamlit says in English, and the words that stand for it, if there are any; they may name what was caught."""
CONNECTION: Final = ("waiting", "lost", "broken", "reload")
"""What is said of the connection to the server, by the last part of its key."""
UNITS: Final = ("B", "KB", "MB", "GB")


@cache
def sheet() -> str:
    """Return the style of the pages, with the closed list of colours as its variables."""
    names = ("PAPER", "INK", "QUIET", "ACCENT", "TARGET", "MET", "MISSED", "EDGE", "BAND", "HAIRLINE", "EMPTY")
    variables = "".join(f"--{name.lower()}:{getattr(colours, name)};" for name in names)
    return f":root{{{variables}}}\n{STYLE.read_text(encoding='utf-8')}"


def style() -> str:
    """Return the style as it stands inside a page that is a file of its own."""
    return f"<style>{sheet()}</style>"


@cache
def script(language: str) -> str:
    """Return the script of the pages of a language, with its words in it; the words are ours, no visitor's."""
    words = words_of(language)
    caught = dict.fromkeys(("name", "size", "number"), "$1")
    said = {
        "NAMES": {selector: words(key) for selector, key in CONTROLS.items()},
        "PHRASES": [(pattern, words(key, **caught) if key else "") for pattern, key in PHRASES.items()],
        "SCOPE": SCOPE,
        "UNITS": {unit: words(f"size.{unit}") for unit in UNITS} | {"point": words("size.point")},
        "CONNECTION": {name: words(f"connection.{name}") for name in CONNECTION},
    }
    script = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    for name, value in said.items():
        script = script.replace(f" = {name}", f" = {json.dumps(value, ensure_ascii=False)}")
    return script
