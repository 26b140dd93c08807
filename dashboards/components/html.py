"""HTML building blocks of pages. Text is escaped here, once, by `text`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape as text
from typing import Final
from urllib.parse import quote

from dashboards.charts.colours import MET, MISSED, QUIET

__all__ = [
    "HtmlCell",
    "details",
    "facts",
    "heading",
    "link",
    "notice",
    "pictogram",
    "pictogram_link",
    "svg_image",
    "table",
    "text",
]

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


@dataclass(frozen=True)
class HtmlCell:
    """A table cell: its HTML, and whether it is a number (right-aligned)."""

    html: str
    is_number: bool = False


def svg_image(svg: str, alternative: str, style: str) -> str:
    """Embed an SVG as the data URL of an image: Streamlit removes `<svg>` elements from HTML."""
    source = quote(svg, safe=" =:/',();-.")
    return f'<img class="{style}" src="data:image/svg+xml,{source}" alt="{text(alternative)}">'


def pictogram(name: str) -> str:
    """Return a decorative sign that goes before a word of the same meaning."""
    size = 'viewBox="0 0 16 16" width="16" height="16"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} fill="none">{PICTOGRAMS[name]}</svg>'
    return svg_image(svg, "", "pictogram")


def link(url: str, label_text: str, *, name: str | None = None, style: str = "") -> str:
    """Return a link in the same window; `name` is its accessible name where the text alone is not enough."""
    label = f' aria-label="{text(name)}"' if name else ""
    kind = f' class="{style}"' if style else ""
    return f'<a href="{text(url)}" target="_self"{kind}{label}>{text(label_text)}</a>'


def pictogram_link(url: str, sign: str, name: str) -> str:
    """Return a link that shows only a pictogram; `name` is its accessible name and tooltip."""
    label = text(name)
    attributes = f'aria-label="{label}" title="{label}"'
    return f'<a href="{text(url)}" target="_self" class="sign" {attributes}>{pictogram(sign)}</a>'


def heading(level: int, title: str, subtitle: str = "") -> str:
    """Return a heading and, under it, a secondary line (already markup)."""
    subtitle_html = f'<p class="under">{subtitle}</p>' if subtitle else ""
    return f"<h{level}>{text(title)}</h{level}>{subtitle_html}"


def notice(sentence: str, *links: str) -> str:
    """Return a notice in place of missing content, with links to what to do next."""
    return (
        f'<div class="notice" role="status"><p>{text(sentence)}</p>{"".join(f"<p>{item}</p>" for item in links)}</div>'
    )


def facts(pairs: Iterable[tuple[str, str]], *, brief: bool = False) -> str:
    """Return a definition list of names and values (already markup); `brief` puts them on one line if there is room."""
    items = "".join(f"<div><dt>{text(name)}</dt><dd>{html}</dd></div>" for name, html in pairs)
    return f'<dl class="facts{" brief" if brief else ""}">{items}</dl>'


def table(caption: str, headers: Sequence[str], rows: Iterable[Sequence[HtmlCell]]) -> str:
    """Return a table whose first column is a row header."""
    body = []
    numeric: dict[int, bool] = {}
    for row in rows:
        cells = []
        for position, cell in enumerate(row):
            numeric[position] = numeric.get(position, False) or cell.is_number
            style = ' class="number"' if cell.is_number else ""
            tag = 'th scope="row"' if position == 0 else "td"
            cells.append(f"<{tag}{style}>{cell.html}</{tag[:2]}>")
        body.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(
        f'<th scope="col"{" class=number" if numeric.get(place) else ""}>{text(name)}</th>'
        for place, name in enumerate(headers)
    )
    label = text(caption)
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{label}"><table><caption>{label}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def details(summary: str, html: str, *, is_open: bool = False) -> str:
    """Return a disclosure element: content folded under a summary, or already open."""
    return f"<details{' open' if is_open else ''}><summary>{text(summary)}</summary>{html}</details>"
