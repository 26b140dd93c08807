"""Papers as PDF, made by another process: typst takes milliseconds, the charts in it an engine of their own (60 MB).

They share the turns of chart images: a few at the same time, one for each visitor.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from dashboards.charts.style import wrap
from dashboards.downloads.chart_images import PROJECT_ROOT, ImageError
from dashboards.downloads.image_queue import image_queue
from dashboards.papers.document import (
    Paper,
    PaperBlank,
    PaperBlock,
    PaperChart,
    PaperFacts,
    PaperList,
    PaperRemark,
    PaperTable,
    PaperText,
)
from dashboards.wording.translations import load_translator

MODULE: Final = "dashboards.papers.pdf_process"
PDF_TYPE: Final = "application/pdf"
CHART_HEIGHT_PX: Final = 190
TITLE_FONT_PX: Final = 14
MAX_TITLE_CHARS: Final = 84
"""Characters of a line of a chart's title, at its width and in its size."""
CHART_WIDTH_PX: Final = 640
"""Width of a chart before it is made as wide as the text: its letters are then as large as those of tables."""
MAX_SECONDS: Final = 60


def paper_pdf(paper: Paper, at: datetime, visitor: str) -> bytes:
    """Return the PDF of a paper for a visitor; an `ImageError` if it fails or if the visitor asks for too many."""
    content = json.dumps(paper_data(paper, at)).encode()
    with image_queue().slot(visitor):
        return render_pdf(content)


def render_pdf(content: bytes) -> bytes:
    """Have the data of a paper made into a PDF; an `ImageError` says why it failed."""
    try:
        process = subprocess.run(  # noqa: S603 - our own module, in our own Python
            [sys.executable, "-m", MODULE],
            cwd=PROJECT_ROOT,
            input=content,
            capture_output=True,
            timeout=MAX_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise ImageError(f"paper: {failure}") from failure
    if process.returncode:
        lines = process.stderr.decode(errors="replace").strip().splitlines()
        raise ImageError(f"paper: {lines[-1] if lines else process.returncode}")
    return process.stdout


def paper_data(paper: Paper, at: datetime) -> dict[str, Any]:
    """Return a paper as the other process takes it: texts, and charts as Vega-Lite."""
    return {
        "title": paper.title,
        "subtitle": paper.subtitle,
        "language": paper.language,
        "source": paper.source,
        "foot": paper.foot,
        "page": load_translator(paper.language)("paper.page"),
        "made_at": int(at.replace(tzinfo=UTC).timestamp()),
        "sections": [
            {"title": section.title, "level": section.level, "blocks": [_block_data(block) for block in section.blocks]}
            for section in paper.sections
        ],
    }


def _block_data(block: PaperBlock) -> Mapping[str, Any]:
    match block:
        case PaperText(text=text, quiet=quiet):
            return {"type": "text", "text": text, "quiet": quiet}
        case PaperList(items=items):
            return {"type": "list", "items": list(items)}
        case PaperFacts(pairs=pairs):
            return {"type": "facts", "pairs": [list(pair) for pair in pairs]}
        case PaperTable() as table:
            return {
                "type": "table",
                "caption": table.caption,
                "headers": list(table.headers),
                "rows": [list(row) for row in table.rows],
                "widths": list(table.widths),
                "numbers": sorted(table.numbers),
            }
        case PaperChart() as chart:
            return _chart_data(chart)
        case PaperBlank(label=label, lines=lines):
            return {"type": "blank", "label": label, "lines": lines}
        case PaperRemark(text=text, written=written):
            return {"type": "remark", "text": text, "written": written}


def _chart_data(chart: PaperChart) -> Mapping[str, Any]:
    """Return a chart at its size on paper, its title wrapped to its width."""
    spec = chart.build(CHART_HEIGHT_PX).to_dict(validate=False)
    title = {**spec["title"], "text": wrap(chart.title, MAX_TITLE_CHARS), "fontSize": TITLE_FONT_PX}
    return {
        "type": "chart",
        "chart": {**spec, "width": CHART_WIDTH_PX, "title": title},
        "alternative": spec["description"],
    }
