"""Comments of papers and closed papers: appended, never silently overwritten, and the same bytes for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from indicators.errors import StoreError, UnknownError
from indicators.intake.papers import MAX_COMMENT_CHARS, PaperCommentRefusal, comment_paper
from indicators.network import Network
from indicators.store.copies import copy_store
from indicators.store.integrity import DamageKind, check_store
from indicators.store.papers import (
    ClosedPaper,
    PaperComment,
    PaperKey,
    new_paper_record_id,
    newest_comment,
    read_closed_content,
    read_closed_papers,
    read_comments,
    store_closed_paper,
)
from tests.builders import AUTHOR, NOW

if TYPE_CHECKING:
    from tests.builders import Store

KEY: Final = PaperKey("comite", "atelier-ternoise", "2026-11")
CONTENT: Final = b"%PDF-1.7 \x00\xff of a committee"


def comment(text: str | None, section: str = "decisions", author: str = AUTHOR, key: PaperKey = KEY) -> PaperComment:
    return PaperComment(new_paper_record_id(), 0, NOW, author, key, section, text)


def closing(key: PaperKey = KEY) -> ClosedPaper:
    return ClosedPaper(new_paper_record_id(), 0, NOW, AUTHOR, key, "management", "fr", "Fiche", 7, "")


def written(network: Network, new: PaperComment, replaces: str | None = None) -> PaperComment:
    found = comment_paper(network.lake, new, replaces)
    assert isinstance(found, PaperComment), found
    return found


def texts(network: Network, key: PaperKey = KEY) -> list[str | None]:
    with network.lake.cursor() as cursor:
        return [each.text for each in read_comments(cursor, key)]


def test_every_version_of_a_comment_stays_and_the_newest_of_its_section_holds(network: Network) -> None:
    first = written(network, comment("Ouvrir une action"))
    written(network, comment("Rien à dire", section="plan"))
    second = written(network, comment("Deux actions"), first.comment)
    taken_out = written(network, comment("  "), second.comment)
    with network.lake.cursor() as cursor:
        comments = read_comments(cursor, KEY)
    assert [each.text for each in comments] == ["Ouvrir une action", "Rien à dire", "Deux actions", None]
    assert [each.sequence for each in comments] == [1, 2, 3, 4]
    assert newest_comment(comments, "decisions") == taken_out
    assert newest_comment(comments, "overdue") is None


def test_a_comment_belongs_to_one_sitting_of_one_perimeter(network: Network) -> None:
    written(network, comment("Ouvrir une action"))
    for other in ({"sitting": "2027-01"}, {"perimeter": "regie-ternoise"}, {"paper": "fiche"}):
        assert texts(network, replace(KEY, **other)) == []


def test_who_writes_after_somebody_else_replaces_nothing_that_they_did_not_see(network: Network) -> None:
    seen = written(network, comment("Ouvrir une action"))
    written(network, comment("Attendre", author="direction"), seen.comment)
    for replaces in (seen.comment, None):
        assert comment_paper(network.lake, comment("Fermer"), replaces) is PaperCommentRefusal.CHANGED
    assert texts(network) == ["Ouvrir une action", "Attendre"]


def test_of_several_who_write_at_the_same_time_one_is_stored(network: Network) -> None:
    with ThreadPoolExecutor(4) as people:
        found = list(people.map(lambda n: comment_paper(network.lake, comment(f"texte {n}"), None), range(4)))
    stored = [each for each in found if isinstance(each, PaperComment)]
    assert texts(network) == [each.text for each in stored]
    assert len(stored) == 1


def test_the_same_click_sent_again_stores_nothing_twice(network: Network) -> None:
    new = comment("Ouvrir une action")
    first, again = written(network, new), written(network, new)
    assert first == again
    assert len(texts(network)) == 1


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("Appeler le 06 12 34 56 78", PaperCommentRefusal.PERSONAL_DATA),
        ("Écrire à accueil@atelier.example", PaperCommentRefusal.PERSONAL_DATA),
        ("Mme Durand (fictif) relira", PaperCommentRefusal.NAME),
        ("a" * (MAX_COMMENT_CHARS + 1), PaperCommentRefusal.TOO_LONG),
    ],
)
def test_a_comment_about_a_person_is_refused(network: Network, text: str, refusal: PaperCommentRefusal) -> None:
    assert comment_paper(network.lake, comment(text), None) is refusal
    assert texts(network) == []


def test_roles_and_places_are_no_names(network: Network) -> None:
    text = "La Direction adjointe et la Mission Locale relisent le plan (échéance : 2026-12-15)."
    assert written(network, comment(text)).text == text


def test_a_closed_paper_is_its_bytes_and_closed_again_another_one(network: Network) -> None:
    first = store_closed_paper(network.lake, closing(), CONTENT, seen=0)
    second = store_closed_paper(network.lake, closing(), CONTENT + b"!", seen=1)
    assert first is not None
    assert second is not None
    with network.lake.cursor() as cursor:
        assert read_closed_papers(cursor, KEY) == read_closed_papers(cursor) == [first, second]
        assert read_closed_content(cursor, first.closing) == CONTENT
        assert read_closed_content(cursor, second.closing) == CONTENT + b"!"
        with pytest.raises(UnknownError):
            read_closed_content(cursor, "never closed")
    assert first.sha256 == sha256(CONTENT).hexdigest()
    assert (first.sequence, second.sequence) == (1, 2)


def test_a_closing_that_somebody_else_was_quicker_with_is_none(network: Network) -> None:
    new = closing()
    assert store_closed_paper(network.lake, new, CONTENT, seen=0) is not None
    assert store_closed_paper(network.lake, closing(), CONTENT, seen=0) is None
    again = store_closed_paper(network.lake, new, b"other bytes", seen=0)
    assert again is not None
    assert again.closing == new.closing
    with network.lake.cursor() as cursor:
        assert len(read_closed_papers(cursor)) == 1
        assert read_closed_content(cursor, new.closing) == CONTENT


def test_bytes_that_are_not_those_that_were_kept_are_never_given_back_and_found_by_verify(network: Network) -> None:
    kept = store_closed_paper(network.lake, closing(), CONTENT, seen=0)
    assert kept is not None
    assert [damage for damage in check_store(network.lake) if damage.kind is DamageKind.KEPT_FILE] == []
    network.lake.write(lambda cursor: cursor.rows("update lake.papers set content = 'other'::blob") and None)
    with network.lake.cursor() as cursor, pytest.raises(StoreError, match=kept.closing):
        read_closed_content(cursor, kept.closing)
    (damage,) = [damage for damage in check_store(network.lake) if damage.kind is DamageKind.KEPT_FILE]
    assert damage.name == kept.closing


def test_a_copy_of_a_store_has_its_papers_and_comments(directory_network: Network, tmp_path: Path) -> None:
    written(directory_network, comment("Ouvrir une action"))
    kept = store_closed_paper(directory_network.lake, closing(), CONTENT, seen=0)
    assert kept is not None
    with Network(str(tmp_path / "copy")) as copied:
        copy_store(directory_network.lake, copied.lake)
        with copied.lake.cursor() as cursor:
            assert read_closed_papers(cursor) == [kept]
            assert read_closed_content(cursor, kept.closing) == CONTENT
        assert texts(copied) == ["Ouvrir une action"]


def test_papers_outlive_the_process_that_closed_them(store: Store) -> None:
    with store.open() as network:
        kept = store_closed_paper(network.lake, closing(), CONTENT, seen=0)
    assert kept is not None
    with store.open() as network, network.lake.cursor() as cursor:
        assert read_closed_content(cursor, kept.closing) == CONTENT
