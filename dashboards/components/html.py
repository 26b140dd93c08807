"""Pieces of HTML that pages are made of. What comes from outside is escaped here, once, by `text`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape as text
from typing import Final
from urllib.parse import quote

from dashboards.charts.colours import MET, MISSED, QUIET

__all__ = [
    "Cell",
    "details",
    "facts",
    "heading",
    "link",
    "notice",
    "pictogram",
    "picture",
    "sign_link",
    "table",
    "text",
]

DISC: Final = '<circle cx="8" cy="8" r="7.2" fill="{colour}"/><path d="{path}" stroke="#fff" stroke-width="1.8"/>'
SIGN: Final = '<path d="{shape}" fill="{colour}"/><path d="{path}" stroke="#fff" stroke-width="1.5"/>'
RING: Final = f'<circle cx="8" cy="8" r="6.5" stroke="{QUIET}" stroke-width="1.4"/>'
RING_OF_DOUBT: Final = (
    '<circle cx="8" cy="8" r="6.6" stroke="{colour}" stroke-width="1.4" stroke-dasharray="2.6 1.55"/>'
    '<path d="{path}" stroke="{colour}" stroke-width="1.6"/>'
)
WAVE: Final = "c1.2-1.2 2.4-1.2 3.6 0s2.4 1.2 3.6 0"
PICTOGRAMS: Final = {
    "met": DISC.format(colour=MET, path="M4.6 8.3 7 10.7 11.4 5.7"),
    "missed": DISC.format(colour=MISSED, path="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2"),
    # Chance may be enough: the same sign in a broken ring, whatever its colour.
    "met_doubt": RING_OF_DOUBT.format(colour=MET, path="M5.2 8.2 7.2 10.2 10.8 6.2"),
    "missed_doubt": RING_OF_DOUBT.format(colour=MISSED, path="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4"),
    "near": f'{RING}<path d="M4.4 7{WAVE}M4.4 10{WAVE}" stroke="{QUIET}" stroke-width="1.3"/>',
    "absent": f'<circle cx="8" cy="8" r="6.5" stroke="{QUIET}" stroke-width="1.4" stroke-dasharray="2.6 2"/>',
    "withheld": f'<path d="M3.2 7h9.6v6.6H3.2zM5.3 7V5.2a2.7 2.7 0 0 1 5.4 0V7" stroke="{QUIET}" stroke-width="1.4"/>',
    "better": SIGN.format(colour=MET, shape="M8 1.2 14.8 14H1.2z", path="M8 12V6.2m-2 2 2-2 2 2"),
    "worse": SIGN.format(colour=MISSED, shape="M8 14.8 1.2 2h13.6z", path="M8 4v5.8m-2-2 2 2 2-2"),
    "high": f'{RING}<path d="M8 11.4V5m-2.6 2.4L8 4.8l2.6 2.6" stroke="{QUIET}" stroke-width="1.5"/>',
    "low_side": f'{RING}<path d="M8 4.6V11m-2.6-2.4L8 11.2l2.6-2.6" stroke="{QUIET}" stroke-width="1.5"/>',
    "common": f'<path d="M1.6 10.4l3-4 3 3.2 3.2-4 3.6 3.4" stroke="{QUIET}" stroke-width="1.5"/>',
    "hit": f'{RING}<path d="M3.8 8h8.4" stroke="{QUIET}" stroke-width="1.5" stroke-dasharray="2 1.6"/>',
    "low": f'{RING}<path d="M8 7.2v4M8 4.6v1" stroke="{QUIET}" stroke-width="1.6"/>',
}
"""Small signs of sixteen pixels, each for a word that stands beside it."""


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its markup, and whether it is a number (aligned on the right)."""

    html: str
    numeric: bool = False


def picture(svg: str, alternative: str, style: str) -> str:
    """Embed a drawing. The pages' HTML is cleaned of `<svg>`, so that it travels as the address of an image."""
    source = quote(svg, safe=" =:/',();-.")
    return f'<img class="{style}" src="data:image/svg+xml,{source}" alt="{text(alternative)}">'


def pictogram(name: str) -> str:
    """Return a small sign that goes before a word and says nothing that the word does not."""
    size = 'viewBox="0 0 16 16" width="16" height="16"'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {size} fill="none">{PICTOGRAMS[name]}</svg>'
    return picture(drawing, "", "pictogram")


def link(address: str, words: str, *, name: str | None = None, style: str = "") -> str:
    """Return a link in the same window; `name` is what a screen reader says where the words alone are not enough."""
    label = f' aria-label="{text(name)}"' if name else ""
    kind = f' class="{style}"' if style else ""
    return f'<a href="{text(address)}" target="_self"{kind}{label}>{text(words)}</a>'


def sign_link(address: str, sign: str, name: str) -> str:
    """Return a link that shows a pictogram alone; what it says is read out, and told to who points at it."""
    said = text(name)
    named = f'aria-label="{said}" title="{said}"'
    return f'<a href="{text(address)}" target="_self" class="sign" {named}>{pictogram(sign)}</a>'


def heading(level: int, words: str, under: str = "") -> str:
    """Return a title and, under it, a quiet line (already markup)."""
    below = f'<p class="under">{under}</p>' if under else ""
    return f"<h{level}>{text(words)}</h{level}>{below}"


def notice(words: str, *links: str) -> str:
    """Return a sentence where there is nothing to draw, with the next thing to do."""
    return f'<div class="notice" role="status"><p>{text(words)}</p>{"".join(f"<p>{item}</p>" for item in links)}</div>'


def facts(pairs: Iterable[tuple[str, str]], *, brief: bool = False) -> str:
    """Return a list of names and their values (already markup); brief ones stand on one line where there is room."""
    listed = "".join(f"<div><dt>{text(name)}</dt><dd>{html}</dd></div>" for name, html in pairs)
    return f'<dl class="facts{" brief" if brief else ""}">{listed}</dl>'


def table(caption: str, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table whose first column names its rows."""
    body = []
    numeric: dict[int, bool] = {}
    for row in rows:
        cells = []
        for place, cell in enumerate(row):
            numeric[place] = numeric.get(place, False) or cell.numeric
            style = ' class="number"' if cell.numeric else ""
            tag = 'th scope="row"' if place == 0 else "td"
            cells.append(f"<{tag}{style}>{cell.html}</{tag[:2]}>")
        body.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(
        f'<th scope="col"{" class=number" if numeric.get(place) else ""}>{text(name)}</th>'
        for place, name in enumerate(headers)
    )
    named = text(caption)
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{named}"><table><caption>{named}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def details(summary: str, html: str, *, opened: bool = False) -> str:
    """Return something folded away under a line that opens it, or already opened."""
    return f"<details{' open' if opened else ''}><summary>{text(summary)}</summary>{html}</details>"
