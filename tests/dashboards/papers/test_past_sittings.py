"""What a paper says of a sitting that is over: where each action stood then, and what is known of today alone."""

from __future__ import annotations

from datetime import date

import pytest

from dashboards.papers.blocks import PaperWriter
from dashboards.papers.document import PaperTable, PaperText
from dashboards.papers.yearly import review_sections
from dashboards.wording.translations import load_translator
from indicators.definitions.perimeters import Perimeter
from indicators.queries.papers.contents import ActionBalance, PaperSubject, ReviewContent
from indicators.queries.papers.registers import PaperAction, PaperPlanLine, PaperRegisters, PaperRequest
from indicators.queries.papers.sittings import PaperKind, parse_sitting
from tests.builders import TODAY
from tests.dashboards.papers.test_pdf import plain

YEAR_END = date(2025, 12, 31)


def writer(day: date) -> PaperWriter:
    perimeter, sitting = Perimeter.parse("atelier-ternoise"), parse_sitting(PaperKind.REVIEW, str(day.year))
    subject = PaperSubject(perimeter, sitting, day, None, TODAY)
    return PaperWriter(load_translator("fr"), subject, "l’atelier", {"atelier-ternoise": "Atelier"})


def some_action(
    status: str,
    due: date | None = None,
    done: date | None = None,
    verified: date | None = None,
    effect: int | None = None,
) -> PaperAction:
    return PaperAction(
        "atelier-ternoise", "A-1", "corrective", None, None, None, None, "Un livret", "direction",
        date(2025, 1, 1), due, done, None, verified, effect, status, None, None,
    )  # fmt: skip


SPRING, LATER = date(2025, 5, 1), date(2026, 3, 1)


@pytest.mark.parametrize(
    ("action", "then", "now"),
    [
        (some_action("open", LATER), "ouverte (au 24 nov. 2026)", "en retard de 268 jours"),
        (some_action("open"), "ouverte (au 24 nov. 2026)", "ouverte"),
        (some_action("done", LATER, LATER), "faite depuis, le 1 mars 2026", "faite"),
        (some_action("done", SPRING, LATER), "en retard de 244 jours", "faite"),
        (some_action("done", SPRING, SPRING), "faite", "faite"),
        (some_action("verified", SPRING, SPRING, LATER, 100), "faite", "vérifiée, efficace"),
        (some_action("verified", SPRING, SPRING, SPRING, 50), "vérifiée, effet partiel", "vérifiée, effet partiel"),
        (some_action("abandoned", SPRING), "abandonnée (au 24 nov. 2026)", "abandonnée"),
    ],
)
def test_an_action_stands_where_it_stood_on_the_day_of_the_paper(action: PaperAction, then: str, now: str) -> None:
    assert plain(writer(YEAR_END).state(action)).replace("1er", "1") == then
    assert plain(writer(TODAY).state(action)) == now


def test_an_answer_given_since_is_marked() -> None:
    late = PaperRequest("atelier-ternoise", "D-1", SPRING, "le matin", "Un banc", "Oui", LATER, None, None, None)
    for day, expected in ((YEAR_END, "répondue depuis, le "), (TODAY, "Oui")):
        [table] = writer(day).requests("Demandes", [late], "")
        assert isinstance(table, PaperTable)
        assert table.rows[0][-1].startswith(expected)


def test_what_was_done_after_the_end_of_its_plan_is_not_done_for_it() -> None:
    for done, expected in ((LATER, "faite après la fin du plan"), (SPRING, "faite")):
        line = PaperPlanLine(
            "atelier-ternoise", "2025", "Accueil", "Un livret", "A-1", YEAR_END, some_action("done", SPRING, done)
        )
        [table] = writer(TODAY).plan("Plan", [line], "")
        assert isinstance(table, PaperTable)
        assert table.rows[0][-1] == expected


@pytest.mark.parametrize(("day", "is_marked"), [(YEAR_END, True), (TODAY, False)])
def test_statuses_without_a_day_are_marked_under_the_counts_of_a_past_year(day: date, is_marked: bool) -> None:
    balance = ActionBalance("corrective", 4, 1, 0, 0, 2, 1, undated=2)
    content = ReviewContent(PaperRegisters(), (), [balance], (), (), (), (), ())
    sections = {section.key: section for section in review_sections(content, writer(day))}
    texts = [block.text for block in sections["nonconformities"].blocks if isinstance(block, PaperText)]
    assert any("selon leur statut au 24" in plain(text) for text in texts) is is_marked
