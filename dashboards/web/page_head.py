"""The HTML shell of every page: what crawlers, link previews and the first paint see before any script runs.

Streamlit sends the same English shell for every address. Ours has the language, title, description and preview of the
requested page, the style sheet, the script and the icons. It names only public data: structures and indicators.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup
from streamlit.file_util import get_static_dir

from dashboards.app_pages.registry import Page
from dashboards.components.html import join, link, markup
from dashboards.web.own_files import ICON_URL, PNG_ICON_URL, script_url, style_url
from dashboards.wording.formatting import format_period
from dashboards.wording.perimeter_names import capitalize_name, name_perimeter
from dashboards.wording.translations import Translator
from indicators.definitions.perimeters import Level
from indicators.definitions.periods import Period
from indicators.errors import PilotageError
from indicators.network import Network
from indicators.snapshot import Snapshot

LOCALES: Final = {"fr": "fr_FR", "en": "en_GB"}
"""Languages as Open Graph locales."""
THEME_COLOUR: Final = "#0B4F5E"


@dataclass(frozen=True)
class PageSummary:
    """Title and description of a page, in its language."""

    name: str
    description: str
    site: str

    @property
    def title(self) -> str:
        """The title in the browser, the same as `PageContext.set_title` sets on rendering."""
        return f"{self.name} · {self.site}"


def page_summary(network: Network, page: Page, params: Mapping[str, str], t: Translator) -> PageSummary:
    """Return title and description of the page of an address; unknown names in the address are ignored."""
    name, description = t(page.name_key), t(t.first_existing(f"about.{page.path}", "about.network"))
    try:
        with network.snapshot() as snapshot:
            name, description = _specific_summary(snapshot, page, params, t) or (name, description)
            if snapshot.structures.are_fictitious:
                description += f" {t('site.fictitious')}"
    except PilotageError:
        # The page itself will explain what is wrong with the address or the store.
        pass
    return PageSummary(name, description, t("site.name"))


def _specific_summary(
    snapshot: Snapshot, page: Page, params: Mapping[str, str], t: Translator
) -> tuple[str, str] | None:
    """Return title and description of the page of one structure or one indicator; null for other pages."""
    structure_id = params.get("structure")
    structure = snapshot.structures[structure_id] if structure_id else None
    if page.path == "structure" and not structure and ("perimetre" in params or "structures" in params):
        code = params.get("perimetre") or f"{Level.CHOICE}:{params['structures']}"
        name = capitalize_name(name_perimeter(t, snapshot, snapshot.structures.parse_perimeter(code)))
        period = _period_name(params, t)
        return f"{name} – {period}" if period else name, t("about.structure.several", name=name)
    if page.path == "structure" and structure:
        period = _period_name(params, t)
        title = f"{structure.name} – {period}" if period else structure.name
        return title, t("about.structure.one", name=structure.name)
    if page.path == "indicateur" and "indicateur" in params:
        indicator = snapshot.catalogue[params["indicateur"]]
        label = indicator.label(t.language)
        return f"{label} – {structure.name}" if structure else label, indicator.question_answered(t.language)
    return None


def _period_name(params: Mapping[str, str], t: Translator) -> str | None:
    return format_period(Period.parse(params["periode"]), t) if "periode" in params else None


def shell(summary: PageSummary, origin: str, t: Translator) -> Markup:
    """Return the HTML shell of a page; `origin` is the site's scheme and host."""
    language = t.language
    style = markup('<link rel="stylesheet" href="{}">', style_url())
    meta_tags = {"name": {"description": summary.description, "theme-color": THEME_COLOUR}}
    meta_tags["property"] = {
        "og:type": "website",
        "og:site_name": summary.site,
        "og:title": summary.title,
        "og:description": summary.description,
        "og:locale": LOCALES[language],
        "og:image": f"{origin}{PNG_ICON_URL}",
    }
    meta_html = join(
        markup('<meta {}="{}" content="{}">', kind, name, content)
        for kind, named in meta_tags.items()
        for name, content in named.items()
    )
    head = markup(
        "<title>{}</title>{}"
        '<link rel="icon" type="image/svg+xml" href="{}"><link rel="apple-touch-icon" href="{}">'
        '{}<script src="{}"></script>',
        summary.title,
        meta_html,
        ICON_URL,
        PNG_ICON_URL,
        style,
        script_url(language),
    )
    no_script = markup(
        "<noscript><p>{}</p><p>{}</p></noscript>",
        t("page.no_script"),
        link("/api/structures.json", t("foot.structures")),
    )
    first_paint = markup(
        '<div class="first-look stHtml"><p class="brand">{}</p>'
        '<p class="title">{}</p>'
        '<p class="under" role="status">{}</p>{}</div><div id="root"></div>',
        summary.site,
        summary.name,
        t("page.loading"),
        no_script,
    )
    # Streamlit appends its CSS rules to the head while rendering: our style sheet is linked again after them, so that
    # our rules win against theirs of equal specificity.
    body = markup('<body class="coming">{}{}</body>', style, first_paint)
    return markup(
        '<!doctype html>\n<html lang="{}"><head>{}{}{}</head>{}</html>\n',
        language,
        META_TAGS,
        head,
        streamlit_tags(),
        body,
    )


META_TAGS: Final = Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">')
HEAD_TAG: Final = re.compile(r"<link\b[^>]*>|<script\b[^>]*\bsrc=[^>]*></script>")
DROPPED_TAGS: Final = ("shortcut icon", "service-desc")
"""Relations of links dropped: Streamlit's icon, and the description of an interface that is closed."""


@cache
def streamlit_tags() -> Markup:
    """Return the script, style and font tags of Streamlit's own shell."""
    shell_of_streamlit = (Path(get_static_dir()) / "index.html").read_text(encoding="utf-8")
    tags = [tag for tag in HEAD_TAG.findall(shell_of_streamlit) if not any(name in tag for name in DROPPED_TAGS)]
    return Markup("".join(re.sub(r"\s+", " ", tag) for tag in tags))  # noqa: S704 - Streamlit's own file
