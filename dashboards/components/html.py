"""HTML building blocks of pages. HTML is `Markup`; any other text is escaped where it is put into HTML, for its type.

`Markup` itself is made of literals only: ruff refuses anything else (S704), in `markup` as well.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from dashboards.charts.colours import MET, MISSED, QUIET

__all__ = [
    "NO_HTML",
    "HtmlCell",
    "cell_link",
    "details",
    "facts",
    "heading",
    "join",
    "link",
    "markup",
    "notice",
    "pictogram",
    "svg_image",
    "table",
]

NO_HTML: Final = Markup()
"""HTML of nothing."""
SAFE_IN_ADDRESS: Final = " =:/,();-."
"""Signs that stay as they are in the data URL of an image, which stands between double quotes."""
NOT_IN_ADDRESS: Final = re.compile(rf"[^\w~%{re.escape(SAFE_IN_ADDRESS)}]", re.ASCII)
NEEDS_ESCAPING: Final = re.compile("[&<>\"']")
_new_str: Final = str.__new__

DISC_SVG: Final = '<circle cx="8" cy="8" r="7.2" fill="{colour}"/><path d="{path}" stroke="#fff" stroke-width="1.8"/>'
SIGN_SVG: Final = '<path d="{shape}" fill="{colour}"/><path d="{path}" stroke="#fff" stroke-width="1.5"/>'
RING_SVG: Final = f'<circle cx="8" cy="8" r="6.5" stroke="{QUIET}" stroke-width="1.4"/>'
DOUBT_RING_SVG: Final = (
    '<circle cx="8" cy="8" r="6.6" stroke="{colour}" stroke-width="1.4" stroke-dasharray="2.6 1.55"/>'
    '<path d="{path}" stroke="{colour}" stroke-width="1.6"/>'
)
WAVE_PATH: Final = "c1.2-1.2 2.4-1.2 3.6 0s2.4 1.2 3.6 0"
PICTOGRAMS: Final = {
    "met": DISC_SVG.format(colour=MET, path="M4.6 8.3 7 10.7 11.4 5.7"),
    "missed": DISC_SVG.format(colour=MISSED, path="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2"),
    # Within chance: the same sign in a dashed ring, so that it does not depend on colour.
    "met_doubt": DOUBT_RING_SVG.format(colour=MET, path="M5.2 8.2 7.2 10.2 10.8 6.2"),
    "missed_doubt": DOUBT_RING_SVG.format(colour=MISSED, path="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4"),
    "near": f'{RING_SVG}<path d="M4.4 7{WAVE_PATH}M4.4 10{WAVE_PATH}" stroke="{QUIET}" stroke-width="1.3"/>',
    "absent": f'<circle cx="8" cy="8" r="6.5" stroke="{QUIET}" stroke-width="1.4" stroke-dasharray="2.6 2"/>',
    "withheld": f'<path d="M3.2 7h9.6v6.6H3.2zM5.3 7V5.2a2.7 2.7 0 0 1 5.4 0V7" stroke="{QUIET}" stroke-width="1.4"/>',
    "better": SIGN_SVG.format(colour=MET, shape="M8 1.2 14.8 14H1.2z", path="M8 12V6.2m-2 2 2-2 2 2"),
    "worse": SIGN_SVG.format(colour=MISSED, shape="M8 14.8 1.2 2h13.6z", path="M8 4v5.8m-2-2 2 2 2-2"),
    "high": f'{RING_SVG}<path d="M8 11.4V5m-2.6 2.4L8 4.8l2.6 2.6" stroke="{QUIET}" stroke-width="1.5"/>',
    "low_side": f'{RING_SVG}<path d="M8 4.6V11m-2.6-2.4L8 11.2l2.6-2.6" stroke="{QUIET}" stroke-width="1.5"/>',
    "common": f'<path d="M1.6 10.4l3-4 3 3.2 3.2-4 3.6 3.4" stroke="{QUIET}" stroke-width="1.5"/>',
    "hit": f'{RING_SVG}<path d="M3.8 8h8.4" stroke="{QUIET}" stroke-width="1.5" stroke-dasharray="2 1.6"/>',
    "low": f'{RING_SVG}<path d="M8 7.2v4M8 4.6v1" stroke="{QUIET}" stroke-width="1.6"/>',
}
"""Signs of sixteen pixels, each shown beside the word it stands for."""


def markup(template: str, *values: object) -> Markup:
    """Fill each `{}` of a literal template with a value: HTML as it is, anything else as escaped text."""
    # `Markup.format` and markupsafe's `escape` do the same and take five times as long.
    return _new_str(Markup, template.format(*[_as_html(value) for value in values]))


def join(parts: Iterable[object], separator: str = "") -> Markup:
    """Join parts to one piece of HTML; parts and separator that are not HTML are escaped."""
    # `Markup.join` would escape what is escaped already.
    return _new_str(Markup, str.join(_as_html(separator), [_as_html(part) for part in parts]))


def _as_html(value: object) -> str:
    if type(value) is Markup:
        return value
    text = str(value)
    # Most texts have nothing to escape, and are looked through in a third of the time.
    return escape(text) if NEEDS_ESCAPING.search(text) else text


@dataclass(frozen=True)
class HtmlCell:
    """A table cell: its HTML or text, and whether it is a number (right-aligned)."""

    content: str
    is_number: bool = False


def _percent_encode(svg: str) -> str:
    """Encode what may not stand in the address of an image; what our own drawings consist of, ten times quicker."""
    encoded = svg.replace('"', "%22").replace("<", "%3C").replace(">", "%3E").replace("#", "%23")
    has_others = svg.count("%") or NOT_IN_ADDRESS.search(encoded)
    return quote(svg, safe=SAFE_IN_ADDRESS) if has_others else encoded


def svg_image(svg: str, alternative: str, style: str) -> Markup:
    """Embed an SVG as the data URL of an image: Streamlit removes `<svg>` elements from HTML.

    The SVG is percent-encoded, and an image runs no script: it may be a plain string.
    """
    source = Markup(_percent_encode(svg))  # noqa: S704 - neither quote nor bracket nor ampersand is left
    return markup('<img class="{}" src="data:image/svg+xml,{}" alt="{}">', style, source, alternative)


@cache
def pictogram(name: str) -> Markup:
    """Return a decorative sign that goes before a word of the same meaning."""
    size = 'viewBox="0 0 16 16" width="16" height="16"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} fill="none">{PICTOGRAMS[name]}</svg>'
    return svg_image(svg, "", "pictogram")


def link(url: str, label_text: str, *, name: str | None = None, style: str = "") -> Markup:
    """Return a link in the same window; `name` is its accessible name where the text alone is not enough."""
    label = markup(' aria-label="{}"', name) if name else ""
    kind = markup(' class="{}"', style) if style else ""
    return markup('<a href="{}" target="_self"{}{}>{}</a>', url, kind, label, label_text)


def cell_link(url: str, label_text: str, name: str | None = None, *, is_entry: bool = False) -> Markup:
    """Return a link in a cell of a table that is one stop of Tab: Tab reaches the entry, arrows all the others.

    `name` is its accessible name where the text alone is not enough. The script moves the stop along with the focus.
    """
    label = markup(' aria-label="{}"', name) if name else ""
    stop = 0 if is_entry else -1
    return markup('<a href="{}" target="_self" tabindex="{}"{}>{}</a>', url, stop, label, label_text)


def heading(level: int, title: str, subtitle: str = "") -> Markup:
    """Return a heading and, under it, a secondary line of HTML or text."""
    subtitle_html = markup('<p class="under">{}</p>', subtitle) if subtitle else ""
    return markup("<h{}>{}</h{}>{}", level, title, level, subtitle_html)


def notice(sentence: str, *links: str) -> Markup:
    """Return a notice in place of missing content, with links to what to do next, or sentences."""
    links_html = join(markup("<p>{}</p>", item) for item in links)
    return markup('<div class="notice" role="status"><p>{}</p>{}</div>', sentence, links_html)


def facts(pairs: Iterable[tuple[str, str]], *, brief: bool = False) -> Markup:
    """Return a definition list of names and values, of HTML or text; `brief`: on one line if there is room."""
    items = join(markup("<div><dt>{}</dt><dd>{}</dd></div>", name, value) for name, value in pairs)
    return markup('<dl class="facts{}">{}</dl>', " brief" if brief else "", items)


def table(
    caption: str, headers: Sequence[str], rows: Iterable[Sequence[HtmlCell]], *, has_entry: bool = False
) -> Markup:
    """Return a table whose first column is a row header.

    It is a stop of Tab, so that the keyboard can scroll it, unless it `has_entry`: a link in it that Tab reaches.
    """
    body = []
    numeric: dict[int, bool] = {}
    for row in rows:
        cells = []
        for position, cell in enumerate(row):
            numeric[position] = numeric.get(position, False) or cell.is_number
            style = Markup(' class="number"') if cell.is_number else ""
            if position == 0:
                cells.append(markup('<th scope="row"{}>{}</th>', style, cell.content))
            else:
                cells.append(markup("<td{}>{}</td>", style, cell.content))
        body.append(markup("<tr>{}</tr>", join(cells)))
    head = join(
        markup('<th scope="col"{}>{}</th>', " class=number" if numeric.get(place) else "", name)
        for place, name in enumerate(headers)
    )
    return markup(
        '<div class="table"{} role="region" aria-label="{}"><table><caption>{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        NO_HTML if has_entry else Markup(' tabindex="0"'),
        caption,
        caption,
        head,
        join(body),
    )


def details(summary: str, content: Markup, *, is_open: bool = False) -> Markup:
    """Return a disclosure element: content folded under a summary, or already open."""
    return markup("<details{}><summary>{}</summary>{}</details>", " open" if is_open else "", summary, content)
