"""The numbers that people type, in French and in English: read whole, or not read at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.intake.cells.numbers import (
    MAX_NUMBER_CHARS,
    MAX_WHOLE_DIGITS,
    NotNumber,
    Number,
    parse_number,
    suggest_number,
)

SPACES = [" ", "\u00a0", "\u202f", "\u2009", "\u2007"]
MINUSES = ["-", "\u2212"]


@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        ("0", 0, 0),
        ("12", 12, 0),
        ("007", 7, 0),
        ("31,6", 31.6, 1),
        ("31.6", 31.6, 1),
        ("0,125", 0.125, 3),
        ("0.125", 0.125, 3),
        ("12,50", 12.5, 2),
        ("1234,5", 1234.5, 1),
        ("12345,678", 12345.678, 3),
        ("1 100", 1100, 0),
        ("1\u00a0100", 1100, 0),
        ("1\u202f100", 1100, 0),
        ("1\u2009100", 1100, 0),
        ("1\u2007100", 1100, 0),
        ("12 345 678,9", 12345678.9, 1),
        ("1.234,5", 1234.5, 1),
        ("1,234.5", 1234.5, 1),
        ("1.234.567", 1234567, 0),
        ("1,234,567", 1234567, 0),
        ("1.234.567,8", 1234567.8, 1),
        ("1'234", 1234, 0),
        ("1’234’567,8", 1234567.8, 1),
        ("1 234.567", 1234.567, 3),
        ("01,200", 1.2, 3),
        (",5", 0.5, 1),
        ("-.125", -0.125, 3),
        ("999999999999999", 999999999999999, 0),
        ("+5", 5, 0),
        ("-5", -5, 0),
        ("\u22125,5", -5.5, 1),
        ("-1 200", -1200, 0),
        ("-0", 0, 0),
    ],
)
def test_a_number_is_read_in_french_and_in_english_spelling(text: str, value: float, decimals: int) -> None:
    assert parse_number(text) == Number(value, decimals)


@pytest.mark.parametrize("space", SPACES)
def test_spaces_round_a_number_are_no_part_of_it(space: str) -> None:
    assert parse_number(f"{space}31,6{space}{space}") == Number(31.6, 1)


@pytest.mark.parametrize(
    ("text", "value", "decimals", "unit"),
    [
        ("12,5 %", 12.5, 1, "%"),
        ("12,5%", 12.5, 1, "%"),
        ("12.5\u00a0%", 12.5, 1, "%"),
        ("12,5\u202f%", 12.5, 1, "%"),
        (" 12,5 % ", 12.5, 1, "%"),
        ("-3 %", -3, 0, "%"),
        ("12,5 pour cent", 12.5, 1, "%"),
        ("12,5 procent", 12.5, 1, "%"),
        ("151,67 h", 151.67, 2, "h"),
        ("1 505 h", 1505, 0, "h"),
        ("1505h", 1505, 0, "h"),
        ("12 heures", 12, 0, "h"),
        ("1 heure", 1, 0, "h"),
        ("12.5 hours", 12.5, 1, "h"),
        ("12,5 uur", 12.5, 1, "h"),
        ("12 h 30", 12.5, 1, "h"),
        ("12h30", 12.5, 1, "h"),
        ("12 h 00", 12, 0, "h"),
        ("12 h 45 min", 12.75, 2, "h"),
        ("12u30", 12.5, 1, "h"),
        ("-1h30", -1.5, 1, "h"),
        ("1 234,50 €", 1234.5, 2, "€"),
        ("12€", 12, 0, "€"),
        ("€ 1.234,50", 1234.5, 2, "€"),
        ("€12", 12, 0, "€"),
        ("-€ 5", -5, 0, "€"),
        ("€ -5", -5, 0, "€"),
        ("EUR 12,5", 12.5, 1, "€"),
        ("12,5 EUR", 12.5, 1, "€"),
        ("12 euros", 12, 0, "€"),
    ],
)
def test_the_unit_written_with_a_number_is_read_and_remembered(
    text: str, value: float, decimals: int, unit: str
) -> None:
    assert parse_number(text) == Number(value, decimals, unit)


def test_minutes_that_do_not_make_a_round_part_of_an_hour_are_kept_whole() -> None:
    found = parse_number("12 h 20")
    assert isinstance(found, Number)
    assert found.value * 60 == pytest.approx(740)
    assert found.decimals == 2


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("1.200", "1200 / 1,2000"),
        ("1,200", "1200 / 1,2000"),
        ("-12.345", "-12345 / -12,3450"),
        ("123,456", "123456 / 123,4560"),
        ("1.000", "1000 / 1,0000"),
        ("12.345 %", "12345 / 12,3450"),
        ("1.200 €", "1200 / 1,2000"),
        ("€ 1,200", "1200 / 1,2000"),
        ("1.200 h", "1200 / 1,2000"),
    ],
)
def test_a_thousand_or_a_decimal_is_not_decided_for_the_person(text: str, suggestion: str) -> None:
    assert parse_number(text) == NotNumber("C04", suggestion)


def test_what_is_proposed_for_an_ambiguous_number_can_be_read() -> None:
    found = parse_number("-1.200")
    assert isinstance(found, NotNumber)
    assert found.suggestion is not None
    assert [parse_number(part) for part in found.suggestion.split(" / ")] == [Number(-1200, 0), Number(-1.2, 4)]


@pytest.mark.parametrize(
    "text",
    [
        "#DIV/0!", "#REF!", "#N/A", "#N/A!", "#NAME?", "#NOM?", "#VALUE!", "#VALEUR!", "#NUM!", "#NOMBRE!",
        "#NULL!", "#NUL!", " #DIV/0! ", "#div/0!", "#SPILL!", "#PROPAGATION!", "#CALC!", "#FIELD!", "#CHAMP!",
        "#BLOQUÉ!", "#GETTING_DATA", "#VALEUR\u00a0!", "#NOM ?", "#N/D", "#DEEL/0!", "#WAARDE!", "#VERW!", "#N/B",
        "#NAAM?", "#GETAL!", "#LEEG!", "#OVERLOOP!", "#VELD!", "Err:502", "Err :502", "Erreur : 502", "Fout:504",
        "err:522", "##", "########",
    ],
)  # fmt: skip
def test_an_error_of_a_spreadsheet_is_named_as_such(text: str) -> None:
    assert parse_number(text) == NotNumber("C14")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "%", "-", "+", ",", ".", "€", "h", "EUR", "douze", "12 personnes", "12p", "p12", "12 €€", "€12€",
        "12 k€", "12 h 60", "12 h 5", "12 h 30 %", "12 % h", "12,5 h 30", "12 % %", "%12", "12,5 % env.", "env. 12",
        "12€50", "12,", "5.", "12,5,6", "1.2.3", "1e3", "1E+13", "0x10", "1_000", "--5", "+-5", "- 5", "5-", "–5",
        "(5)", "1 20", "1 2345", "12 34", "1234 567", "1 234 56", "1  200", "1'20", "1'000 000", "1,23.4", "1.23,4",
        "12.345,6.7", "1,234.567,8", "12 345.678,9", "12/60", "12:30", "n°12", "≈12", "<5", ">5", "12?", "inf",
        "nan", "Infinity", "½", "²", "12\n", "1\t200", "1 200 000,5,", "33 ou 34", "33\u00ad", "'12", "12O", "l2",
        "#", "#12", "#URGENT!", "N/A!", "Err:", "Err:5020", "1234567890123456",
    ],
)  # fmt: skip
def test_what_is_not_wholly_a_number_is_not_a_number(text: str) -> None:
    assert parse_number(text) == NotNumber("C03")


@pytest.mark.parametrize("text", ["١٢", "１２", "१२", "1２"])
def test_figures_of_other_scripts_are_no_spelling_of_ours(text: str) -> None:
    assert parse_number(text) == NotNumber("C03")


@pytest.mark.parametrize("text", ["=B2/C2", "=SOMME(D2:D9)", "=1", "="])
def test_a_formula_has_no_value_of_its_own(text: str) -> None:
    assert parse_number(text) == NotNumber("C15")


def test_a_text_longer_than_any_number_is_refused_unread() -> None:
    assert parse_number("1" * (MAX_NUMBER_CHARS + 1)) == NotNumber("C03")
    assert parse_number("0" * MAX_NUMBER_CHARS) == Number(0, 0)
    assert parse_number("x" * 10**7) == NotNumber("C03")


def test_a_number_too_large_to_be_kept_exactly_is_refused() -> None:
    largest = 10**MAX_WHOLE_DIGITS - 1
    assert parse_number(str(largest)) == Number(largest, 0)
    assert parse_number(str(largest + 1)) == NotNumber("C03")


@pytest.mark.parametrize(
    ("text", "proposed"),
    [
        ("12O", "120"),
        ("l2", "12"),
        ("1  200", "1 200"),
        ("12,", "12"),
        ("–5", "-5"),
        ("- 5", "-5"),
        ("33\u00ad", "33"),
        ("12 personnes", "12"),
        ("12,5 ETP", "12,5"),
        ("zéro", "0"),
        ("Aucune", "0"),
        ("12,5 % env.", None),
        ("33 ou 34", None),
        ("(5)", None),
        ("1 20", None),
        ("1\n2", None),
        ("1\r\n2", None),
        ("trente", None),
        ("1,23E+13", None),
        ("12.345,6.7", None),
        ("", None),
    ],
)
def test_what_a_number_most_likely_is_is_proposed_where_it_is_safe(text: str, proposed: str | None) -> None:
    assert parse_number(text) == NotNumber("C03")
    assert suggest_number(text) == proposed


decimals_ = st.decimals(
    min_value=Decimal(-(10**9)), max_value=Decimal(10**9), allow_nan=False, allow_infinity=False, places=None
).map(lambda number: number.quantize(Decimal(1).scaleb(max(int(number.as_tuple().exponent), -6))))


def grouped(digits: str, mark: str) -> str:
    """Part digits by threes, from the right."""
    head = len(digits) % 3
    return mark.join([*([digits[:head]] if head else []), *(digits[i : i + 3] for i in range(head, len(digits), 3))])


@given(decimals_, st.sampled_from(["", *SPACES]), st.sampled_from([",", "."]), st.sampled_from(MINUSES))
def test_any_number_written_in_french_is_read_back(number: Decimal, space: str, comma: str, minus: str) -> None:
    text = f"{abs(number):f}"
    whole, _, rest = text.partition(".")
    written = grouped(whole, space) + (comma + rest if rest else "")
    ambiguous = len(rest) == 3 and len(whole) <= 3 and not whole.startswith("0")
    found = parse_number((minus if number < 0 else "") + written)
    if ambiguous:
        assert isinstance(found, NotNumber)
        assert found.code == "C04"
    else:
        assert found == Number(float(number), len(rest))


@given(decimals_, st.sampled_from([(".", ","), (",", ".")]), st.sampled_from(MINUSES))
def test_any_number_with_points_or_commas_between_its_thousands_is_read_back(
    number: Decimal, marks: tuple[str, str], minus: str
) -> None:
    text = f"{abs(number):f}"
    whole, _, rest = text.partition(".")
    assume(len(whole) > 3)
    thousands, decimal = marks
    written = grouped(whole, thousands) + (decimal + rest if rest else "")
    found = parse_number((minus if number < 0 else "") + written)
    if not rest and len(whole) <= 6:
        assert isinstance(found, NotNumber)
        assert found.code == "C04"
    else:
        assert found == Number(float(number), len(rest))


@given(decimals_, st.sampled_from(SPACES), st.sampled_from(["%", "h", "€", "heures", "EUR", "euros", "pour cent"]))
def test_any_number_with_a_unit_is_read_back_with_it(number: Decimal, space: str, unit: str) -> None:
    text = f"{abs(number):f}".replace(".", ",")
    whole, _, rest = text.partition(",")
    assume(len(rest) != 3)
    written = grouped(whole, space) + ("," + rest if rest else "")
    canonical = {"heures": "h", "EUR": "€", "euros": "€", "pour cent": "%"}.get(unit, unit)
    sign = "\u2212" if number < 0 else ""
    assert parse_number(f"{sign}{written}{space}{unit}") == Number(float(number), len(rest), canonical)


@given(
    st.integers(0, 99_999), st.integers(0, 59), st.sampled_from(["{}h{:02}", "{} h {:02}", "{}\u00a0h\u00a0{:02} min"])
)
def test_any_number_of_hours_and_minutes_is_read(hours: int, minutes: int, shape: str) -> None:
    found = parse_number(shape.format(hours, minutes))
    assert isinstance(found, Number)
    assert (round(found.value * 60), found.unit) == (hours * 60 + minutes, "h")


@given(st.text("0123456789.,  -%eEhu€'’+=", min_size=1, max_size=14))
def test_a_number_is_never_read_by_dropping_what_does_not_fit(text: str) -> None:
    found = parse_number(text)
    if isinstance(found, Number):
        assume("h" not in text.rstrip("h ") and "u" not in text.rstrip("u "))  # hours and minutes are told apart
        digits = [mark for mark in text if mark.isdigit()]
        shown = f"{abs(found.value):.{found.decimals}f}".replace(".", "")
        assert shown.lstrip("0") == "".join(digits).lstrip("0"), "every digit typed is a digit read"
        assert sum(text.count(mark) for mark in "%hu€") == (found.unit is not None)
        assert not set(text) & set("eE=")


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_is_refused_with_its_reason(text: str) -> None:
    found = parse_number(text)
    if isinstance(found, NotNumber):
        assert found.code in {"C03", "C04", "C14", "C15"}
    else:
        assert any(mark.isdigit() for mark in text)
    proposed = suggest_number(text)
    assert proposed is None or isinstance(parse_number(proposed), Number)
