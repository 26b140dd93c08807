"""Periods in their usual spellings, dates, absences, official numbers, and how words are compared."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.figures import Status
from indicators.intake.spelling import column_letter, folded, nearest
from indicators.intake.words import digits_of, read_absence, read_date, read_period
from indicators.periods import Frequency, Period

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "2026-T1", "2026-t1", "2026T1", "2026 T1", "2026/T1", "2026.T1", "2026_T1", "T1 2026", "T1-2026", "T1/2026",
        "T12026", "t1 2026", "Q1 2026", "2026-Q1", "2026Q1", "2026 Q1", "K1 2026", "2026-K1", "1er trimestre 2026",
        "1er trimestre de 2026", "1ᵉʳ trimestre 2026", "1 trimestre 2026", "1er trim. 2026", "1T 2026", "1T2026",
        "Trimestre 1 2026", "trimestre 1, 2026", "2026 trimestre 1", "1st quarter 2026", "1e kwartaal 2026",
        " T1 2026 ", "T1\u00a02026",
    ],
)  # fmt: skip
def test_a_quarter_is_read_in_every_usual_spelling(text: str) -> None:
    assert read_period(text) == Period.parse("2026-T1")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2e trimestre 2026", "2026-T2"),
        ("2ème trimestre 2026", "2026-T2"),
        ("2nd quarter 2026", "2026-T2"),
        ("3e trimestre 2025", "2025-T3"),
        ("3rd quarter 2025", "2025-T3"),
        ("4th quarter 2025", "2025-T4"),
        ("4E TRIMESTRE 2025", "2025-T4"),
        ("2026-S1", "2026-S1"),
        ("S1 2026", "2026-S1"),
        ("2026S2", "2026-S2"),
        ("2026-H2", "2026-S2"),
        ("H2 2026", "2026-S2"),
        ("1er semestre 2026", "2026-S1"),
        ("2e semestre 2026", "2026-S2"),
        ("2nd semestre de 2026", "2026-S2"),
        ("semestre 2 2026", "2026-S2"),
        ("2026", "2026"),
        ("année 2026", "2026"),
        ("Année 2026", "2026"),
        ("2025-2026", "2025-2026"),
        ("2025/2026", "2025-2026"),
        ("2025 - 2026", "2025-2026"),
        ("année scolaire 2025-2026", "2025-2026"),
        ("2025–2026", "2025-2026"),
    ],
)
def test_a_period_is_read_whatever_its_frequency(text: str, code: str) -> None:
    found = read_period(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "text",
    [
        "", "T1", "T5 2026", "T0 2026", "5e trimestre 2026", "S3 2026", "3e semestre 2026", "26", "T1 26", "2026-13",
        "2025-2027", "2026-2025", "mars 2026", "2026-03-31", "31/03/2026", "1T 2T 2026", "T1 2026 T2", "T1 T2 2026",
        "trimestriel", "NC", "2026 2027 2028", "12026", "20266", "T1 2026 bis", "environ 2026",
    ],
)  # fmt: skip
def test_what_names_no_single_period_is_not_read(text: str) -> None:
    assert read_period(text) is None


@given(days, st.sampled_from(list(Frequency)))
def test_every_canonical_period_is_read_back(day: date, frequency: Frequency) -> None:
    period = Period.containing(day, frequency)
    assert read_period(period.code) == period
    assert read_period(f" {period.code.lower()} ") == period


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05", "2026-3-5", "05/03/2026", "5/3/2026", "05-03-2026", "05.03.2026", " 05/03/2026 ",
        "2026-03-05T00:00:00", "2026-03-05 00:00:00", "2026-03-05 00:00:00.000000", "2026-03-05 00:00",
    ],
)  # fmt: skip
def test_a_date_is_iso_or_day_first(text: str) -> None:
    assert read_date(text) == date(2026, 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-02-29", "31/04/2026", "32/01/2026", "00/01/2026", "03/13/2026", "2026-13-01", "2026", "2026-03",
        "05/03/26", "5 mars 2026", "20260305", "46086", "05/03-2026 12:00", "2026-03-05 08:30", "05/03/2026 bis",
        "2026/03/05/01", "NC", "0000-01-01",
    ],
)  # fmt: skip
def test_what_is_no_day_of_the_calendar_is_not_read(text: str) -> None:
    assert read_date(text) is None


def test_the_29th_of_february_exists_every_four_years() -> None:
    assert read_date("29/02/2024") == date(2024, 2, 29)
    assert read_date("29/02/2026") is None


@given(days)
def test_every_day_is_read_back_in_both_spellings(day: date) -> None:
    assert read_date(day.isoformat()) == day
    assert read_date(day.strftime("%d/%m/%Y")) == day


@given(days.filter(lambda day: day.day <= 12 and day.day != day.month))
def test_the_day_comes_first(day: date) -> None:
    assert read_date(day.strftime("%m/%d/%Y")) == date(day.year, day.day, day.month) != day


@pytest.mark.parametrize(
    "text",
    ["NC", "nc", "N.C.", "n.c.", "ND", "nd", "n.d.", "N/D", "non communiqué", "Non disponible", "-", " - ", "–", "—"],
)
def test_what_was_not_communicated_is_missing(text: str) -> None:
    assert read_absence(text) is Status.MISSING


@pytest.mark.parametrize("text", ["s.o.", "S.O.", "so", "sans objet", "Sans objet", "n/a", "N/A", "NA", "n.a."])
def test_what_has_no_object_does_not_apply(text: str) -> None:
    assert read_absence(text) is Status.NOT_APPLICABLE


@pytest.mark.parametrize("text", ["", " ", "0", "12", "?", "non", "ncc", "xNC", "NC 12", "#N/A", "#DIV/0!", "--", "."])
def test_anything_else_is_no_absence(text: str) -> None:
    assert read_absence(text) is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("732 829 320 00074", "73282932000074"),
        ("732\u00a0829\u202f320 00074", "73282932000074"),
        ("732.829.320.00074", "73282932000074"),
        ("BE 0403.019.261", "0403019261"),
        ("be0403019261", "0403019261"),
        ("0403-019-261", "0403019261"),
        (" 404833048 ", "404833048"),
    ],
)
def test_an_official_number_is_its_digits(text: str, digits: str) -> None:
    assert digits_of(text) == digits


@pytest.mark.parametrize("text", ["7,32829E+13", "FR44732829320", "SIRET 73282932000074", "73282932O00074", "12a34"])
def test_letters_are_never_dropped_from_an_official_number(text: str) -> None:
    assert not digits_of(text).isdigit()


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("Numérateur", "numerateur"),
        ("  DÉNOMINATEUR ", "denominateur"),
        ("numéro d’entreprise", "numero d entreprise"),
        ("numéro d'entreprise", "numero d entreprise"),
        ("Cœur_de—métier", "coeur de metier"),
        ("Pôle de l’Estran (fictif)", "pole de l estran fictif"),
        ("", ""),
        ("…", ""),
    ],
)
def test_words_are_compared_without_case_accents_or_punctuation(typed: str, known: str) -> None:
    assert folded(typed) == known


def test_the_nearest_known_word_is_proposed_only_if_it_is_alike() -> None:
    known = ["dynamic_exit_rate", "absenteeism_rate", "women_share"]
    assert nearest("dynamic exit rat", known) == "dynamic_exit_rate"
    assert nearest("Absenteism rate", known) == "absenteeism_rate"
    assert nearest("chiffre d’affaires", known) is None
    assert nearest("women_share", []) is None


@pytest.mark.parametrize(
    ("place", "letter"), [(0, "A"), (1, "B"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_a_column_has_the_letter_a_spreadsheet_gives_it(place: int, letter: str) -> None:
    assert column_letter(place) == letter


@given(days)
def test_the_days_of_a_period_are_all_in_the_same_one(day: date) -> None:
    period = Period.containing(day, Frequency.QUARTER)
    assert Period.containing(period.end, Frequency.QUARTER) == period
    assert Period.containing(period.end + timedelta(days=1), Frequency.QUARTER) == period.shifted(1)
