"""The numbers that people type, in French and in English: read whole, or not read at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.intake.numbers import NotNumber, Number, read_number

SPACES = [" ", "\u00a0", "\u202f", "\u2009"]
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
        ("+5", 5, 0),
        ("-5", -5, 0),
        ("\u22125,5", -5.5, 1),
        ("-1 200", -1200, 0),
        ("-0", 0, 0),
    ],
)
def test_a_number_is_read_in_french_and_in_english_spelling(text: str, value: float, decimals: int) -> None:
    assert read_number(text) == Number(value, decimals)


@pytest.mark.parametrize("space", SPACES)
def test_spaces_round_a_number_are_no_part_of_it(space: str) -> None:
    assert read_number(f"{space}31,6{space}{space}") == Number(31.6, 1)


@pytest.mark.parametrize("text", ["12,5 %", "12,5%", "12.5\u00a0%", "12,5\u202f%", " 12,5 % "])
def test_a_percent_sign_is_read_and_remembered(text: str) -> None:
    assert read_number(text) == Number(12.5, 1, percent=True)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("1.200", "1200 / 1,2000"),
        ("1,200", "1200 / 1,2000"),
        ("-12.345", "-12345 / -12,3450"),
        ("123,456", "123456 / 123,4560"),
        ("1.000", "1000 / 1,0000"),
        ("12.345 %", "12345 / 12,3450"),
    ],
)
def test_a_thousand_or_a_decimal_is_not_decided_for_the_person(text: str, suggestion: str) -> None:
    assert read_number(text) == NotNumber("C04", suggestion)


def test_what_is_proposed_for_an_ambiguous_number_can_be_read() -> None:
    found = read_number("-1.200")
    assert isinstance(found, NotNumber)
    assert found.suggestion is not None
    assert [read_number(part) for part in found.suggestion.split(" / ")] == [Number(-1200, 0), Number(-1.2, 4)]


@pytest.mark.parametrize(
    "text",
    [
        "#DIV/0!", "#REF!", "#N/A", "#N/A!", "#NAME?", "#NOM?", "#VALUE!", "#VALEUR!", "#NUM!", "#NOMBRE!",
        "#NULL!", "#NUL!", " #DIV/0! ", "#div/0!",
    ],
)  # fmt: skip
def test_an_error_of_a_spreadsheet_is_named_as_such(text: str) -> None:
    assert read_number(text) == NotNumber("C14")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "%", "-", "+", ",", ".", "douze", "12 personnes", "12p", "p12", "12 h", "12 €", "€12", "12,5,6",
        "1.2.3", "12,", ",5", ".5", "5.", "1e3", "1E+13", "0x10", "1_000", "1'000", "--5", "+-5", "- 5", "5-",
        "(5)", "1 20", "1 2345", "12 34", "1234 567", "1 234 56", "1  200", "1,23.4", "1.23,4", "12.345,6.7",
        "1,234.567,8", "12 345.678,9", "12/60", "12:30", "n°12", "≈12", "<5", ">5", "12?", "12 % %", "%12", "inf",
        "nan", "Infinity", "½", "²", "12\n", "1\t200", "1 200 000,5,", "33 ou 34", "33\u00ad", "=12", "'12",
    ],
)  # fmt: skip
def test_what_is_not_wholly_a_number_is_not_a_number(text: str) -> None:
    assert read_number(text) == NotNumber("C03")


@pytest.mark.parametrize("text", ["١٢", "１２", "१२", "1２"])
def test_figures_of_other_scripts_are_no_spelling_of_ours(text: str) -> None:
    assert read_number(text) == NotNumber("C03")


decimals_ = st.decimals(
    min_value=Decimal(-(10**9)), max_value=Decimal(10**9), allow_nan=False, allow_infinity=False, places=None
).map(lambda number: number.quantize(Decimal(1).scaleb(max(number.as_tuple().exponent, -6))))  # type: ignore[type-var]


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
    found = read_number((minus if number < 0 else "") + written)
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
    found = read_number((minus if number < 0 else "") + written)
    if not rest and len(whole) <= 6:
        assert isinstance(found, NotNumber)
        assert found.code == "C04"
    else:
        assert found == Number(float(number), len(rest))


@given(st.text("0123456789.,  -%eE+", min_size=1, max_size=14))
def test_a_number_is_never_read_by_dropping_what_does_not_fit(text: str) -> None:
    found = read_number(text)
    if isinstance(found, Number):
        digits = [mark for mark in text if mark.isdigit()]
        shown = f"{abs(found.value):.{found.decimals}f}".replace(".", "")
        assert shown.lstrip("0") == "".join(digits).lstrip("0"), "every digit typed is a digit read"
        assert text.count("%") == found.percent
        assert not set(text) & set("eE")
