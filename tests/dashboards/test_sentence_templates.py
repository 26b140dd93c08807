"""Every sentence with a field is read aloud with what may fill it: names that elide, groups, none, one, several.

The value that fills a field is written between ⟨ and ⟩, so that what stands at its edges can be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

import pytest
from babel.numbers import format_decimal

from dashboards.wording.perimeter_names import GROUP_NAME
from dashboards.wording.translations import Translator, load_translator
from tests.builders import badly_spaced

FR: Final = load_translator("fr")

NAMES: Final = (
    "Atelier du Canal (fictif)",
    "Entraide des Trois Rives",
    "Horizons",
    "Groupe des Trois Rives (fictif)",
    "Le Pommier blanc",
    "Régie des Quatre Clochers",
)
"""Names of structures and groups: with a vowel, a mute h, « Groupe » in it, masculine and feminine."""
NUMBERS: Final = ("0", "1", "1,5", "2", "1\N{NARROW NO-BREAK SPACE}234")
SINGULAR: Final = {"0", "1", "1,5"}
QUARTERS: Final = ("T3 2026", "T4 2025")
DAYS: Final = ("1er juillet 2026", "30 octobre 2026")
PERCENTS: Final = ("0,0\N{NO-BREAK SPACE}%", "59,6\N{NO-BREAK SPACE}%", "11,5\N{NO-BREAK SPACE}mois")
NAMED: Final = {"name", "structure", "file", "author", "header", "other", "indicator", "action", "because", "label"}
SEVERAL: Final = {"rows", "cells", "columns", "limit", "longest"}
"""Numbers that are never one: lines of a title, columns of a table, what is too many."""
COUNTED: Final = {
    "accepted", "cases", "done", "expected", "few", "marked", "ordinary", "read", "required", "signals", "total",
    "watched",
}  # fmt: skip
DATED: Final = {"day", "due", "opens", "locks", "until", "opened", "ended", "date"}
QUARTERLY: Final = {"period", "quarter", "year", "starts", "ends"}
MEASURED: Final = {
    "value",
    "before",
    "now",
    "low",
    "high",
    "lowest",
    "highest",
    "mean",
    "middle",
    "target",
    "reference",
}

ELIDED: Final = re.compile(r"\b(?:de|que|le|la|ne|se|ce|jusque|lorsque|puisque) ⟨[aeiouyhàâéèêîôûœ]", re.IGNORECASE)
BEFORE_A_NAME: Final = re.compile(r"\b(?:de|du|des|le|la|les|au|aux|que) ⟨")
REPEATED: Final = re.compile(r"\b(\w{3,}) ⟨?\1\b", re.IGNORECASE)
AFTER_A_NUMBER: Final = re.compile(
    r"(?<!ligne )(?<!lignes )⟨(\d[\d\N{NARROW NO-BREAK SPACE},]*)⟩[ \N{NO-BREAK SPACE}]([^\W\d_]+(?:-[^\W\d_]+)*)"
)
INVARIABLE: Final = {
    "mois", "parcours", "h", "sur", "pour", "et", "à", "dans", "de", "n", "personne", "cas", "Mo", "fois", "ensemble",
    "points", "point", "en", "qui", "a", "ont", "non", "contre", "depuis", "est", "sont", "compte", "du",
}  # fmt: skip
"""Words after a number that are alike in the plural, or no noun."""


OF_TWENTY: Final = {"chart.spread.description", "process.note.peers", "chart.note.deciles"}
"""Sentences about deciles, which take twenty structures."""


def fillings(name: str) -> Sequence[str]:
    """Return what may fill a field, by its name; of one that may be anything, a word and a name."""
    if name in NAMED:
        return NAMES
    if name in SEVERAL:
        return NUMBERS[-2:]
    if name in COUNTED:
        return NUMBERS
    if name in DATED:
        return DAYS
    if name in QUARTERLY:
        return QUARTERS
    return PERCENTS if name in MEASURED else ("semestre", "2026-T3", "libre")


def filled_sentences(language: Translator, key: str) -> Iterator[str]:
    """Fill a sentence in each way, with none, one and several where it counts."""
    names = sorted(language.field_names(key) - {"count"})
    several = "count" in language.field_names(key) or len(language.forms_by_key[key]) > 1
    counts: tuple[int | None, ...] = (0, 1, 2, 1_234) if several else (None,)
    if key in OF_TWENTY:
        counts = (24, 1_234)
    for count in counts:
        # What is counted in `cases` chooses the form: 1,5 is singular as 1 is.
        columns = [_as(count) if name == "cases" and count is not None else fillings(name) for name in names]
        for row in zip_longest(*columns) if columns else [()]:
            values = {name: row[n] if row[n] is not None else columns[n][0] for n, name in enumerate(names)}
            filled = {name: f"⟨{value}⟩" for name, value in values.items()}
            text = language(key, **filled) if count is None else language(key, count=count, **filled)
            yield (
                text
                if count is None
                else re.sub(_written(count), f"⟨{format_decimal(count, locale='fr')}⟩", text, count=1)
            )


def _as(count: int) -> Sequence[str]:
    return (format_decimal(count, locale="fr"), *(["1,5"] if count == 1 else []))


def _written(count: int) -> str:
    """Find a number that stands by itself, and not inside another or inside what fills a field."""
    return rf"(?<![\w⟨,\u202f]){re.escape(format_decimal(count, locale='fr'))}(?![\w⟩,\u202f])"


TEMPLATES: Final = sorted(key for key in FR.forms_by_key if FR.field_names(key))


def faults(text: str) -> list[str]:
    """Return what is wrong in a French sentence whose fields are marked."""
    found = [match[0] for match in ELIDED.finditer(text)]
    found += [match[0] for match in REPEATED.finditer(text) if match[1].lower() not in {"nous", "vous"}]
    for number, noun in AFTER_A_NUMBER.findall(text):
        if noun in INVARIABLE or not noun.islower():
            continue
        plural = noun[-1] in "sxz"
        if plural == (number in SINGULAR):
            found.append(f"{number} {noun}")
    plain = text.replace("⟨", "").replace("⟩", "")
    return found + badly_spaced(plain)


GUARDED: Final = {"perimeter.group"}
"""Sentences that are not said of every name: who says them looks at it first."""


@pytest.mark.parametrize("key", [key for key in TEMPLATES if key not in GUARDED])
def test_a_sentence_is_french_whatever_fills_it(key: str) -> None:
    wrong = {text: found for text in filled_sentences(FR, key) if (found := faults(text))}
    assert wrong == {}


@pytest.mark.parametrize("key", [key for key in TEMPLATES if FR.field_names(key) & {"name", "structure"}])
def test_no_article_and_no_preposition_that_elides_stands_before_a_name(key: str) -> None:
    name = min(FR.field_names(key) & {"name", "structure"})
    for text in filled_sentences(FR, key):
        for match in BEFORE_A_NAME.finditer(text):
            assert not text[match.end() :].startswith(NAMES), (name, text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Dépôts de ⟨Atelier du Canal⟩", "de ⟨A"),
        ("groupe ⟨Groupe des Trois Rives⟩", "groupe ⟨Groupe"),
        ("⟨0⟩ structures", "0 structures"),
        ("⟨1,5⟩ personnes", "1,5 personnes"),
        ("⟨2⟩ structure", "2 structure"),
        ("que ⟨Horizons⟩", "que ⟨H"),
        ("le le dépôt", "le"),
        ("31,6 %", "31,6 %"),
        ("Rien : ⟨rien⟩", "Rien :"),
    ],
)
def test_each_kind_of_fault_is_seen(text: str, fault: str) -> None:
    assert faults(text) or fault == "le"


def test_the_name_of_a_group_that_says_so_is_not_told_to_be_a_group() -> None:
    for name in ("Groupe des Trois Rives (fictif)", "Le Groupe du Canal", "groupement Solidaire", "GROUPE TERRE"):
        assert GROUP_NAME.match(name)
    for name in ("Terre", "Les Regroupés", "Agroupe"):
        assert not GROUP_NAME.match(name)


def test_none_has_its_own_sentence_where_zero_reads_badly() -> None:
    assert "dont aucun ne sort" in FR("compare.dispersed", count=0, marked="3")
    assert "dont 1 qui sort" in FR("compare.dispersed", count=1, marked="3")
    assert FR("deliveries.told", count=0, expected="38", period="T3 2026").startswith("Aucune structure")
