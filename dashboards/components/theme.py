"""The stylesheet and the script of the pages, both linked in the head of every page."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup
from streamlit.file_util import get_static_dir

from dashboards.charts import colours
from dashboards.components.html import markup
from dashboards.wording.translations import load_translator

STYLE_PATH: Final = Path(__file__).parent.parent / "static" / "pilotage.css"
SCRIPT_PATHS: Final = tuple(
    Path(__file__).parent.parent / "static" / name
    for name in ("shell.js", "first_look.js", "names.js", "focus.js", "away.js")
)
NAMED_CONTROLS: Final = {'[data-testid="stSelectbox"] button': "choose.open"}
"""Streamlit's own controls by CSS selector, with the message keys of their accessible names."""
TRANSLATED_SELECTORS: Final = (
    '[data-testid="stFileUploader"], [data-testid^="stTooltip"], [role="tooltip"], [data-live-announcer],'
    ' [data-testid="stSelectboxVirtualDropdown"], [data-testid^="stMultiSelect"],'
    ' [data-testid="stDownloadButton"], a[href="#stMain"]'
)
"""Elements in which Streamlit's English texts are translated."""
STREAMLIT_TEXTS: Final[Mapping[str, str | None]] = {
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
    r"^Selected values$": "choose.values",
    r"^Clear all$": "choose.clear",
    r"^Open$": "choose.open",
    r"^Select all$": "choose.all",
    r"^You can only select up to (\d+) options?.*$": "choose.full",
    r"^Dismiss$": "choose.close",
    r"^(\d+) options? available\.$": "choose.count",
    r"^(.+), selected$": "choose.selected",
    r"^Skip to main content$": "page.skip",
}
"""Streamlit's English texts as patterns, with the message key of their translation, or null to remove the text."""
CONNECTION_STATES: Final = ("waiting", "lost", "broken", "reload")
"""States of the connection to the server, by the last part of their message keys."""
SIZE_UNITS: Final = ("B", "KB", "MB", "GB")


@cache
def stylesheet() -> str:
    """Return the stylesheet of the pages, with the closed list of colours as CSS variables."""
    names = ("PAPER", "INK", "QUIET", "ACCENT", "TARGET", "MET", "MISSED", "EDGE", "BAND", "HAIRLINE", "EMPTY")
    variables = "".join(f"--{name.lower()}:{getattr(colours, name)};" for name in names)
    return f":root{{{variables}}}\n{STYLE_PATH.read_text(encoding='utf-8')}"


def style_element() -> Markup:
    """Return the stylesheet as a `<style>` element, for pages that are files of their own."""
    return markup("<style>{}</style>", Markup(_font_face() + stylesheet()))  # noqa: S704 - our own files


@cache
def _font_face() -> str:
    """Return the rule that loads the family of the pages: Streamlit's own file, whose name changes with its build."""
    fonts = Path(get_static_dir()) / "static" / "media"
    (upright,) = fonts.glob("SourceSansVF-Upright.*.woff2")
    return (
        f'@font-face{{font-family:"Source Sans";font-weight:200 900;font-display:swap;'
        f'src:url("/static/media/{upright.name}")format("woff2")}}\n'
    )


@cache
def page_script(language: str) -> str:
    """Return the script of the pages in a language, with its texts in it; none of them comes from visitors."""
    t = load_translator(language)
    captured_groups = dict.fromkeys(("name", "size", "number"), "$1")
    replacements = {
        "NAMES": {selector: t(key) for selector, key in NAMED_CONTROLS.items()},
        "PHRASES": [(pattern, t(key, **captured_groups) if key else "") for pattern, key in STREAMLIT_TEXTS.items()],
        "SCOPE": TRANSLATED_SELECTORS,
        "UNITS": {unit: t(f"size.{unit}") for unit in SIZE_UNITS} | {"point": t("size.point")},
        "CONNECTION": {name: t(f"connection.{name}") for name in CONNECTION_STATES},
    }
    script = "".join(path.read_text(encoding="utf-8") for path in SCRIPT_PATHS)
    for name, value in replacements.items():
        script = script.replace(f" = {name}", f" = {json.dumps(value, ensure_ascii=False)}")
    return script
