"""Papers as PDF: the text of the page, accessible by two independent checkers, and nothing in it ever a program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import outloud
import pdfua
import pypdf
import pypdfium2
import pytest
import typst
from fontTools.ttLib import TTFont

from dashboards.downloads.chart_images import ImageError
from dashboards.papers import pdf
from dashboards.papers.build import PaperChoice, build_paper
from dashboards.papers.document import (
    Paper,
    PaperBlank,
    PaperBlock,
    PaperChart,
    PaperFacts,
    PaperList,
    PaperRemark,
    PaperSection,
    PaperTable,
    PaperText,
)
from dashboards.papers.page_html import block_html
from dashboards.papers.pdf import paper_data, render_pdf
from dashboards.papers.pdf_process import FONT, FONTS, MISSING_SIGN, TEMPLATE
from dashboards.wording.translations import load_translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Perimeter
from indicators.network import Network
from indicators.queries.papers.sittings import PaperKind, sitting_containing
from indicators.snapshot import QueryContext
from indicators.store.papers import PaperComment
from tests.builders import AUTHOR, NOW, TODAY, badly_spaced

MADE_AT: Final = datetime(2026, 11, 24, 9, 30)  # noqa: DTZ001 - in UTC, as stores have it
PERIMETER: Final = Perimeter.parse("atelier-du-canal")
HOSTILE: Final = (
    '#import "/etc/passwd"', "#panic()", "$ x^2 $", "*gras* _penché_", "@reference", "= Titre", "// rien", "`code`",
    "<script>alert(1)</script>", "\\u{41} \\", "#sys.inputs", "~ -- --- ...", '"', "[crochets] {accolades}", "1. liste",
)  # fmt: skip
"""What is markup in typst or in HTML, and only text here."""


def built(network: Network, kind: PaperKind, language: str = "fr", audience: Audience = Audience.MANAGEMENT) -> Paper:
    """The paper of a structure of the demonstration, with a comment in its first section."""
    with network.snapshot() as snapshot:
        choice = PaperChoice(
            kind, PERIMETER, sitting_containing(kind, TODAY), "Atelier du Canal (fictif)", load_translator(language)
        )
        context = QueryContext(snapshot, audience, TODAY)
        first = build_paper(choice, context, []).sections[0].key
        comment = PaperComment("c", 1, NOW, AUTHOR, choice.key, first, "Une remarque du comité")
        return build_paper(choice, context, [comment])


def made(paper: Paper) -> bytes:
    return render_pdf(json.dumps(paper_data(paper, MADE_AT)).encode())


def text_of(content: bytes) -> str:
    """All that is to be read in a PDF, with ordinary spaces."""
    pages = pypdf.PdfReader(BytesIO(content)).pages
    return plain(" ".join(page.extract_text() for page in pages))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[\xa0\u202f\u2009]", " ", text)).strip()


def to_read(block: PaperBlock) -> Iterator[str]:
    match block:
        case PaperText(text=text):
            yield text
        case PaperList(items=items):
            yield from items
        case PaperFacts(pairs=pairs):
            yield from (part for pair in pairs for part in pair)
        case PaperTable() as table:
            yield from (table.caption, *table.headers, *(cell for row in table.rows for cell in row))
        case PaperChart(title=title):
            yield title
        case PaperBlank(label=label):
            yield label
        case PaperRemark(text=text, written=written):
            yield from (text, written)


def document(*blocks: PaperBlock) -> Paper:
    return Paper(
        "Essai", "Atelier (fictif)", "fr", "Données", "version 1", [PaperSection("one", "Une rubrique", blocks)]
    )


def squeezed(text: str) -> str:
    """A text without any space: lines of cells are broken where they fit."""
    return re.sub(r"\s+", "", plain(text))


@pytest.fixture(scope="module", params=[(kind, language) for kind in PaperKind for language in ("fr", "en")],
                ids=lambda pair: "-".join(pair))  # fmt: skip
def paper(request: pytest.FixtureRequest, demo: Network) -> tuple[Paper, bytes]:
    found = built(demo, *request.param)
    return found, made(found)


def test_all_that_is_in_the_document_is_read_in_the_pdf_and_on_the_page(paper: tuple[Paper, bytes]) -> None:
    document_, content = paper
    read = squeezed(text_of(content))
    for text in (document_.title, document_.subtitle, document_.source, document_.foot):
        assert squeezed(text) in read
    for section in document_.sections:
        assert squeezed(section.title) in read
        for block in section.blocks:
            html = "" if isinstance(block, PaperChart) else squeezed(str(block_html(block).striptags()))
            for text in to_read(block):
                assert squeezed(text) in read, text
                assert isinstance(block, PaperChart) or squeezed(text) in html, text


def test_two_checkers_find_nothing_against_pdf_ua(paper: tuple[Paper, bytes], tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(paper[1])
    assert [(each.rule_id, each.message) for each in pdfua.validate(file).findings] == []
    result = outloud.check(str(file))
    assert (result.verdict, result.errors, result.warnings) == ("pass", 0, 0)


def test_the_checkers_see_a_pdf_without_tags(tmp_path: Path) -> None:
    file = tmp_path / "untagged.pdf"
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    data = {"paper": json.dumps(paper_data(document(PaperText("Un texte")), MADE_AT))}
    compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=fonts, sys_inputs=data)
    content = compiler.compile(format="pdf", pdf_tags=False)
    assert isinstance(content, bytes)
    file.write_bytes(content)
    assert pdfua.validate(file).findings
    assert outloud.check(str(file)).errors > 0


def test_a_pdf_has_language_title_headings_pages_and_the_fonts_of_the_pages(paper: tuple[Paper, bytes]) -> None:
    document_, content = paper
    reader = pypdf.PdfReader(BytesIO(content))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == document_.language
    assert root["/MarkInfo"]["/Marked"]
    assert reader.metadata is not None
    assert reader.metadata.title == document_.title
    count = len(reader.pages)
    word = load_translator(document_.language)("paper.page")
    for number, page in enumerate(reader.pages, 1):
        read = plain(page.extract_text())
        assert f"{word} {number}/{count}" in read
        assert plain(document_.foot) in read
        names = {font.get_object()["/BaseFont"] for font in page["/Resources"].get("/Font", {}).values()}
        assert {re.sub(r"^/[A-Z]{6}\+", "", name) for name in names} <= {
            "SourceSans3-Regular", "SourceSans3-Semibold", "SourceSans3-It", "SourceSans3-Regular-Identity-H",
            "SourceSans3-Semibold-Identity-H",
        }  # fmt: skip


def test_what_is_ours_in_a_french_paper_follows_french_typography(demo: Network) -> None:
    for kind in PaperKind:
        french = built(demo, kind)
        texts = [
            french.title,
            french.subtitle,
            french.source,
            french.foot,
            *(section.title for section in french.sections),
        ]
        texts += [text for section in french.sections for block in section.blocks for text in to_read(block)]
        assert [text for text in texts if badly_spaced(text)] == []


def test_texts_are_never_read_as_markup() -> None:
    table = PaperTable("#caption", ["#head", "$b$"], [[text, "x"] for text in HOSTILE], (5, 1))
    blocks = [PaperText("#let a = 1"), PaperList(HOSTILE), table, PaperBlank("#blank", 1),
              PaperFacts([("*a*", "#b")]), PaperRemark(" ".join(HOSTILE), "@now")]  # fmt: skip
    hostile = replace(document(*blocks), title="#panic() = $titre$", subtitle="*rien*", source="#rien", foot="@pied")
    read = squeezed(text_of(made(hostile)))
    for text in (
        hostile.title,
        hostile.subtitle,
        hostile.source,
        hostile.foot,
        *(part for block in blocks for part in to_read(block)),
    ):
        assert squeezed(text) in read, text
    html = "".join(str(block_html(block)) for block in blocks)
    assert "<script>" not in html


def test_signs_that_the_fonts_lack_are_replaced_and_others_stay() -> None:
    read = text_of(made(document(PaperText("Bravo 🎉 مرحبا œuvre Œ « 31,6 % » − ½ Żółw ελ Привет \x07"))))
    assert "🎉" not in read
    for kept in ("Bravo", "œuvre Œ « 31,6 % » − ½ Żółw ελ Привет"):
        assert kept in read
    assert read.count(MISSING_SIGN) >= 2


def test_the_list_of_signs_is_that_of_the_fonts() -> None:
    known = None
    for file in FONTS.glob("*.otf"):
        font = TTFont(file)
        signs = set(font.getBestCmap())
        known = signs if known is None else known & signs
        assert font["name"].getDebugName(16) or font["name"].getDebugName(1) == FONT
    listed: set[int] = set()
    for each in (FONTS / "signs.txt").read_text(encoding="ascii").split():
        first, _, last = each.partition("-")
        listed.update(range(int(first, 16), int(last or first, 16) + 1))
    assert known is not None
    assert listed == {sign for sign in known if sign >= ord(" ")}


def test_the_same_paper_made_again_is_the_same_bytes(demo: Network) -> None:
    paper = built(demo, PaperKind.COMMITTEE)
    assert made(paper) == made(paper)


def test_charts_are_drawn_with_their_letters_and_have_an_alternative_text(demo: Network) -> None:
    paper = built(demo, PaperKind.DIALOGUE)
    content = made(paper)
    charts = list(paper.charts)
    assert len(charts) > 2
    assert b"/Subtype /Image" not in content, "a chart is no photograph"
    reader = pypdf.PdfReader(BytesIO(content))
    objects = [reader.get_object(number) for number in range(1, reader.trailer["/Size"])]
    alternatives = [str(each["/Alt"]) for each in objects if isinstance(each, dict) and "/Alt" in each]
    assert len(alternatives) == len(charts)
    assert all(any(chart.title in text for text in alternatives) for chart in charts)
    read = squeezed(text_of(content))
    for chart in charts:
        assert squeezed(chart.title) in read


def test_nothing_is_cut_at_the_edges_of_a_page(paper: tuple[Paper, bytes]) -> None:
    pdf_document = pypdfium2.PdfDocument(paper[1])
    try:
        for page in pdf_document:
            width, height = page.get_size()
            image = page.render(scale=1).to_pil().convert("L")
            margin = 30
            boxes = [(0, 0, margin, int(height)), (int(width) - margin, 0, int(width), int(height)),
                     (0, 0, int(width), margin), (0, int(height) - margin, int(width), int(height))]  # fmt: skip
            assert [image.crop(box).getextrema()[0] for box in boxes] == [255] * 4
    finally:
        pdf_document.close()


def test_a_paper_that_cannot_be_made_is_an_error_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImageError) as failure:
        render_pdf(b"{}")
    assert "\n" not in str(failure.value)
    monkeypatch.setattr(pdf, "MAX_SECONDS", 0.01)
    with pytest.raises(ImageError, match="timed out"):
        render_pdf(b"{}")


def test_the_public_version_has_nothing_of_registers_and_no_comment(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        actions = snapshot.current_rows("actions")
        texts = set(actions.filter(actions["structure"] == PERIMETER.name)["action"])
    assert texts
    management = "".join(squeezed("".join(to_read_all(built(demo, kind)))) for kind in PaperKind)
    assert any(squeezed(text) in management for text in texts), "some are in the papers of the management"
    for kind in PaperKind:
        public = built(demo, kind, audience=Audience.PUBLIC)
        read = squeezed("".join(to_read_all(public)))
        assert [text for text in texts if squeezed(text) in read] == []
        assert squeezed("Une remarque du comité") not in read
        assert public.source.startswith("Version publique")


def to_read_all(paper: Paper) -> Iterator[str]:
    return (text for section in paper.sections for block in section.blocks for text in to_read(block))
