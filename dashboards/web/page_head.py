"""The first answer of every page: what crawlers, previews and the first paint read before any script runs.

Streamlit sends the same English shell for every address. What is ours is put into it: language, title, description and
preview of the page asked for, style, script, icon. Of the store only what is public is named: structures and sheets.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from streamlit.file_util import get_static_dir

from dashboards.app_pages.registry import Page
from dashboards.components.html import link, text
from dashboards.web.own_files import ICON, PICTURE, script_address, style_address
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.definitions.periods import Period
from indicators.errors import PilotageError
from indicators.network import Network, Reading

LOCALES: Final = {"fr": "fr_FR", "en": "en_GB"}
"""Languages as previews of links name them."""
THEME_COLOUR: Final = "#0B4F5E"


@dataclass(frozen=True)
class Summary:
    """What a page is about, in its language."""

    name: str
    description: str
    site: str

    @property
    def title(self) -> str:
        """What it is called in the browser, as `Visit.entitle` calls it once it is drawn."""
        return f"{self.name} · {self.site}"


def summary_of(network: Network, page: Page, address: Mapping[str, str], words: Words) -> Summary:
    """Return what the page of an address is about; what the address names and does not exist is left out."""
    name, description = words(page.name), words(words.either(f"about.{page.address}", "about.network"))
    try:
        with network.reading() as reading:
            name, description = _particular(reading, page, address, words) or (name, description)
            if reading.structures.fictitious:
                description += f" {words('site.fictitious')}"
    except PilotageError:
        # Whatever is wrong with the address or the store, the page itself will say.
        pass
    return Summary(name, description, words("site.name"))


def _particular(reading: Reading, page: Page, address: Mapping[str, str], words: Words) -> tuple[str, str] | None:
    """Return the name and description of a page that shows one structure, or one indicator."""
    named = address.get("structure")
    structure = reading.structures[named] if named else None
    if page.address == "structure" and structure:
        period = _period(address, words)
        title = f"{structure.name} – {period}" if period else structure.name
        return title, words("about.structure.one", name=structure.name)
    if page.address == "indicateur" and "indicateur" in address:
        sheet = reading.catalogue[address["indicateur"]]
        label = sheet.label(words.language)
        return f"{label} – {structure.name}" if structure else label, sheet.question_answered(words.language)
    return None


def _period(address: Mapping[str, str], words: Words) -> str | None:
    return numbers.period(Period.parse(address["periode"]), words) if "periode" in address else None


def shell(summary: Summary, origin: str, words: Words) -> str:
    """Return the HTML of a page; `origin` is the scheme and host by which it was asked for."""
    language = words.language
    style = f'<link rel="stylesheet" href="{style_address()}">'
    described = {"name": {"description": summary.description, "theme-color": THEME_COLOUR}}
    described["property"] = {
        "og:type": "website",
        "og:site_name": summary.site,
        "og:title": summary.title,
        "og:description": summary.description,
        "og:locale": LOCALES[language],
        "og:image": f"{origin}{PICTURE}",
    }
    metas = "".join(
        f'<meta {kind}="{name}" content="{text(content)}">'
        for kind, named in described.items()
        for name, content in named.items()
    )
    head = (
        f"<title>{text(summary.title)}</title>{metas}"
        f'<link rel="icon" type="image/svg+xml" href="{ICON}"><link rel="apple-touch-icon" href="{PICTURE}">'
        f'{style}<script src="{script_address(language)}"></script>'
    )
    without = (
        f"<noscript><p>{text(words('page.no_script'))}</p>"
        f"<p>{link('/api/structures.json', words('foot.structures'))}</p></noscript>"
    )
    first = (
        f'<div class="first-look stHtml"><p class="brand">{text(summary.site)}</p>'
        f'<p class="title">{text(summary.name)}</p>'
        f'<p class="under" role="status">{text(words("page.loading"))}</p>{without}</div><div id="root"></div>'
    )
    # Streamlit writes its rules at the end of the head while it draws: the same style after them once more, so that a
    # rule of ours wins against one of theirs that is as particular.
    body = f'<body class="coming">{style}{first}</body>'
    return f'<!doctype html>\n<html lang="{language}"><head>{META}{head}{streamlit_tags()}</head>{body}</html>\n'


META: Final = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
TAG: Final = re.compile(r"<link\b[^>]*>|<script\b[^>]*\bsrc=[^>]*></script>")
NOT_OURS: Final = ("shortcut icon", "service-desc")
"""Streamlit's icon, and the pointer to an interface that is closed."""


@cache
def streamlit_tags() -> str:
    """Return the scripts, style and font that Streamlit's own shell names, without the rest of it."""
    shell_of_streamlit = (Path(get_static_dir()) / "index.html").read_text(encoding="utf-8")
    tags = [tag for tag in TAG.findall(shell_of_streamlit) if not any(name in tag for name in NOT_OURS)]
    return "".join(re.sub(r"\s+", " ", tag) for tag in tags)
