"""Periods in their usual spellings, dates, absences, official numbers, and how words are compared."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions.periods import Frequency, Period
from indicators.figures.figure import Status
from indicators.intake.cells.dates import (
    SERIAL_EPOCH,
    is_full_date,
    parse_date,
    parse_month_first,
    parse_serial,
    suggest_date,
)
from indicators.intake.cells.periods_and_absences import digits_only, parse_absence, parse_period, suggest_period
from indicators.intake.text_matching import NameMatcher, closest, column_letter, fold, normalize_words, strip_cell

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "2026-T1", "2026-t1", "2026T1", "2026 T1", "2026/T1", "2026.T1", "2026_T1", "T1 2026", "T1-2026", "T1/2026",
        "T12026", "t1 2026", "Q1 2026", "2026-Q1", "2026Q1", "2026 Q1", "K1 2026", "2026-K1", "1er trimestre 2026",
        "1er trimestre de 2026", "1ᵉʳ trimestre 2026", "1 trimestre 2026", "1er trim. 2026", "1T 2026", "1T2026",
        "Trimestre 1 2026", "trimestre 1, 2026", "2026 trimestre 1", "1st quarter 2026", "1e kwartaal 2026",
        " T1 2026 ", "T1\u00a02026", "Q1-2026", "premier trimestre 2026", "Trimestre n° 1 2026",
        "2026, 1er trim.", "first quarter of 2026", "eerste kwartaal 2026", "1ste kwartaal 2026", "janv.-mars 2026",
        "janvier à mars 2026", "de janvier à mars 2026", "JANVIER - MARS 2026", "Jan-Mar 2026", "jan. 2026–mars 2026",
        "January to March 2026", "januari t/m maart 2026", "01/2026-03/2026", "01/2026 à 03/2026", "2026-01/2026-03",
        "01/01/2026 - 31/03/2026", "du 01/01/2026 au 31/03/2026", "du 1/1/2026 au 31/3/2026",
        "2026-01-01/2026-03-31",
    ],
)  # fmt: skip
def test_a_quarter_is_read_in_every_usual_spelling(text: str) -> None:
    assert parse_period(text) == Period.parse("2026-T1")


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
        ("2025-26", "2025-2026"),
        ("2025/26", "2025-2026"),
        ("schooljaar 2025-2026", "2025-2026"),
        ("school year 2025/2026", "2025-2026"),
        ("sept. 2025 à août 2026", "2025-2026"),
        ("2026.0", "2026"),
        ("jaar 2026", "2026"),
        ("exercice 2026", "2026"),
        ("janvier à décembre 2026", "2026"),
        ("janv.-juin 2026", "2026-S1"),
        ("07/2026-12/2026", "2026-S2"),
        ("avril-juin 2026", "2026-T2"),
        ("oct.-déc. 2025", "2025-T4"),
        ("vierde kwartaal 2025", "2025-T4"),
        ("deuxième semestre 2026", "2026-S2"),
        ("2e semestre de l’année 2026", "2026-S2"),
        ("1e halfjaar 2026", "2026-S1"),
    ],
)
def test_a_period_is_read_whatever_its_frequency(text: str, code: str) -> None:
    found = parse_period(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "text",
    [
        "", "T1", "T5 2026", "T0 2026", "5e trimestre 2026", "S3 2026", "3e semestre 2026", "26", "T1 26", "2026-13",
        "2025-2027", "2026-2025", "mars 2026", "2026-03-31", "31/03/2026", "1T 2T 2026", "T1 2026 T2", "T1 T2 2026",
        "trimestriel", "NC", "2026 2027 2028", "12026", "20266", "T1 2026 bis", "environ 2026", "2026-1", "2026-03",
        "2011-12", "01-03/2026", "janv.-avril 2026", "février-avril 2026", "mars-janvier 2026", "13/2026-03/2026",
        "01/01/2026 - 30/03/2026", "02/01/2026 - 31/03/2026", "T1 ≠ 2026", "2026-T1 ★", "T1 2026?", "2026;2027",
        "2025,2026", "2025.2026", "T1,2 2026",        "janv. mars", "46112",
    ],
)  # fmt: skip
def test_what_names_no_single_period_is_not_read(text: str) -> None:
    assert parse_period(text) is None


@given(days, st.sampled_from(list(Frequency)))
def test_every_canonical_period_is_read_back(day: date, frequency: Frequency) -> None:
    period = Period.containing(day, frequency)
    assert parse_period(period.code) == period
    assert parse_period(f" {period.code.lower()} ") == period


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05", "2026-3-5", "05/03/2026", "5/3/2026", "05-03-2026", "05.03.2026", " 05/03/2026 ",
        "2026-03-05T00:00:00", "2026-03-05 00:00:00", "2026-03-05 00:00:00.000000", "2026-03-05 00:00",
        "2026-03-05T00:00:00Z", "05/03/2026 00:00", "2026-03-05 08:30", "05/03/2026 08:30:00", "2026/03/05",
        "05/03/26", "5.3.26", "5 mars 2026", "05 mars 2026", "5-mars-26", "5 mars 26", "jeudi 5 mars 2026",
        "Jeudi 05 Mars 2026", "5 March 2026", "5th March 2026", "March 5, 2026", "Mar 5 2026",
        "Thursday, March 5th, 2026", "5 maart 2026", "5 mrt. 2026", "donderdag 5 maart 2026",
    ],
)  # fmt: skip
def test_a_date_is_iso_or_day_first_or_in_words(text: str) -> None:
    assert parse_date(text) == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1er avril 2026", date(2026, 4, 1)),
        ("1er févr. 2026", date(2026, 2, 1)),
        ("31 août 2025", date(2025, 8, 31)),
        ("31 décembre 1999", date(1999, 12, 31)),
        ("15 juil. 2026", date(2026, 7, 15)),
        ("1 oktober 2026", date(2026, 10, 1)),
        ("31/12/29", date(2029, 12, 31)),
        ("01/01/30", date(1930, 1, 1)),
        ("31/12/99", date(1999, 12, 31)),
    ],
)
def test_months_and_centuries_are_read_as_people_and_spreadsheets_write_them(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-02-29", "31/04/2026", "32/01/2026", "00/01/2026", "03/13/2026", "2026-13-01", "2026", "2026-03",
        "26-03-05", "05-03-26", "20260305", "46086", "05/03-2026", "05/03-2026 12:00", "05/03/2026 bis", "05/03/2026?",
        "2026/03/05/01", "NC", "0000-01-01", "05/03/0026", "05/03/226", "31 février 2026", "5 mars", "mars 2026",
        "vendredi 5 mars 2026", "2026-03-04T23:00:00Z", "2026-03-05T08:00:00+01:00", "5 marsh 2026", "٥/٣/٢٠٢٦",
        "5 ≠ mars 2026", "x" * 10_000,
    ],
)  # fmt: skip
def test_what_is_no_day_of_the_calendar_is_not_read(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "proposed"),
    [
        ("12/31/2026", "2026-12-31"),
        ("12/31/26", "2026-12-31"),
        ("20260305", "2026-03-05"),
        ("31/31/2026", None),
        ("20261305", None),
        ("demain", None),
    ],
)
def test_the_day_an_unreadable_date_most_likely_means_is_proposed(text: str, proposed: str | None) -> None:
    assert parse_date(text) is None
    assert suggest_date(text) == proposed


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("2026-03-05", True),
        ("05/03/2026", True),
        ("2026-03-05T00:00:00", True),
        ("05/03/26", False),
        ("2026-03-05 08:30", False),
        ("5 mars 2026", False),
    ],
)
def test_a_date_of_which_something_was_dropped_or_added_is_not_plain(text: str, plain: bool) -> None:
    assert is_full_date(text) is plain


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("46112", date(2026, 3, 31)),
        ("46112.0", date(2026, 3, 31)),
        ("46112,354", date(2026, 3, 31)),
        ("32874", date(1990, 1, 1)),
        ("32873", None),
        ("73415", date(2100, 12, 31)),
        ("73416", None),
        ("4611", None),
        ("461120", None),
        ("46 112", None),
        ("-46112", None),
    ],
)
def test_the_number_a_spreadsheet_gives_a_day_is_that_day_between_1990_and_2100(text: str, day: date | None) -> None:
    assert parse_serial(text) == day


@given(days)
def test_every_day_is_read_back_from_the_number_of_a_spreadsheet(day: date) -> None:
    assert parse_serial(str((day - SERIAL_EPOCH).days)) == day


@given(days)
def test_the_month_comes_first_for_whoever_writes_it_so(day: date) -> None:
    assert parse_month_first(day.strftime("%m/%d/%Y")) == day
    assert parse_month_first(day.isoformat()) is None


@pytest.mark.parametrize(
    ("text", "proposed"),
    [
        ("T1 26", "2026-T1"),
        ("1er trim. 26", "2026-T1"),
        ("2026-03-31", "2026-T1"),
        ("2026-01-01", "2026-T1"),
        ("30/06/2026", "2026-T2"),
        ("mars 2026", "2026-T1"),
        ("december 2025", "2025-T4"),
        ("T5 26", None),
        ("2026-1", None),
        ("un trimestre", None),
    ],
)
def test_the_period_of_a_day_of_a_month_or_of_a_short_year_is_proposed(text: str, proposed: str | None) -> None:
    assert parse_period(text) is None
    assert suggest_period(text) == proposed


def test_the_29th_of_february_exists_every_four_years() -> None:
    assert parse_date("29/02/2024") == date(2024, 2, 29)
    assert parse_date("29/02/2026") is None


@given(days)
def test_every_day_is_read_back_in_both_spellings(day: date) -> None:
    assert parse_date(day.isoformat()) == day
    assert parse_date(day.strftime("%d/%m/%Y")) == day


@given(days.filter(lambda day: day.day <= 12 and day.day != day.month))
def test_the_day_comes_first(day: date) -> None:
    assert parse_date(day.strftime("%m/%d/%Y")) == date(day.year, day.day, day.month) != day


@pytest.mark.parametrize(
    "text",
    [
        "NC", "nc", "N.C.", "n.c.", "N/C", "ND", "nd", "n.d.", "N/D", "NR", "n.r.", "non communiqué",
        "Non communiqués", "Non disponible", "non renseigné", "non renseignée", "NON TRANSMIS", "inconnu",
        "not available", "unknown", "onbekend", "niet beschikbaar", "n.b.", "-", " - ", "–", "—",
    ],
)  # fmt: skip
def test_what_was_not_communicated_is_missing(text: str) -> None:
    assert parse_absence(text) is Status.MISSING


@pytest.mark.parametrize(
    "text",
    [
        "s.o.", "S.O.", "so", "s/o", "sans objet", "Sans objet", "n/a", "N/A", "NA", "n.a.", "non concerné",
        "non concernée", "Non concernés", "non applicable", "not applicable", "n.v.t.", "NVT", "nvt",
        "niet van toepassing",
    ],
)  # fmt: skip
def test_what_has_no_object_does_not_apply(text: str) -> None:
    assert parse_absence(text) is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "0", "12", "?", "non", "ncc", "xNC", "NC 12", "NC?", "≈NC", "NC (voir note)", "#N/A", "#N/B",
        "#DIV/0!", "--", ".", "/", "néant", "aucun", "nc中", "nan", "NULL", "x" * 10_000,
    ],
)  # fmt: skip
def test_anything_else_is_no_absence(text: str) -> None:
    assert parse_absence(text) is None


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
        ("BE403.019.261", "403019261"),
        ("12345678901234.0", "12345678901234"),
        ("12345678901234,00", "12345678901234"),
        ("FR44732829320", "732829320"),
        ("FR 44 732 829 320", "732829320"),
    ],
)
def test_an_official_number_is_its_digits(text: str, digits: str) -> None:
    assert digits_only(text) == digits


@pytest.mark.parametrize(
    "text",
    [
        "", "7,32829E+13", "FR45732829320", "SIRET 73282932000074", "73282932O00074", "12a34", "-73282932000074",
        "73282932000074.", "732/829/320", "12345678901234,50", "BE", "DE0403019261", "٧٣٢٨٢٩٣٢٠", "1" * 10_000,
    ],
)  # fmt: skip
def test_nothing_else_than_separators_is_dropped_from_an_official_number(text: str) -> None:
    assert digits_only(text) is None


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
    assert fold(typed) == known


def test_the_nearest_known_word_is_proposed_only_if_it_is_alike() -> None:
    known = ["dynamic_exit_rate", "absenteeism_rate", "women_share"]
    assert closest("dynamic exit rat", known) == "dynamic_exit_rate"
    assert closest("Absenteism rate", known) == "absenteeism_rate"
    assert closest("chiffre d’affaires", known) is None
    assert closest("women_share", []) is None


def test_among_many_names_the_nearest_is_found_as_well() -> None:
    known = NameMatcher({f"structure-{number:04}": f"structure-{number:04}" for number in range(4_000)})
    assert known.closest("strcture 0017") == "structure-0017"
    assert known.closest("autre chose") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [("T1 – 2026", "t1 2026"), ("1ᵉʳ trim. (2026)", "1er trim 2026"), ("T1 ≠ 2026", ""), ("T1?", ""), ("NC!", "")],
)
def test_a_mark_that_may_mean_something_is_not_dropped_from_a_closed_grammar(text: str, words: str) -> None:
    assert normalize_words(text) == words


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("33", "33"),
        (" 33\u00a0", "33"),
        ("\ufeff33\u200b", "33"),
        ('"33"', "33"),
        ("“33”", "33"),
        ("« 33 »", "33"),
        ("'33'", "33"),
        ("'33", "33"),
        ('="00123"', "00123"),
        ('"a" et "b"', '"a" et "b"'),
        ("l'eau", "l'eau"),
        ("=B2", "=B2"),
        ('="a"&"b"', '="a"&"b"'),
        ('"', '"'),
        ("", ""),
    ],
)
def test_what_stands_round_the_content_of_a_cell_is_taken_off_and_nothing_else(text: str, content: str) -> None:
    assert strip_cell(text) == content


@given(st.text(max_size=12), st.sampled_from(["T1 2026", "2026-03-31", "NC", "2025-2026"]))
def test_no_text_is_read_by_dropping_what_does_not_fit(other: str, sound: str) -> None:
    letters = "".join(mark for mark in other if mark.isalpha() and not mark.isascii() and fold(mark) == "")
    if letters:
        assert parse_period(sound + letters) is None
        assert parse_date(sound + letters) is None
        assert parse_absence(sound + letters) is None


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
