"""Numbers, percents, differences, dates and periods as each language writes them (Unicode CLDR, by Babel).

A value is computed on the counts as exact fractions and rounded once, half away from zero (METHODS 1).
"""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Frequency, Span, Window
from indicators.figures.figure import Shown

MINUS: Final = "\N{MINUS SIGN}"
PERCENT_UNIT: Final = "%"
TWO: Final = 2
KEPT: Final = 20_000
"""Numbers whose spelling stays in memory: a board writes hundreds, mostly the same from one reader to the next."""


@lru_cache(maxsize=KEPT)
def exact(number: Fraction | float) -> Fraction:
    """Return the number as it is written: 0.1 is one tenth, not the nearest binary fraction."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def value_of(shown: Shown, indicator: Indicator) -> Fraction:
    """Return the value from its counts, exactly; from the value itself where counts do not give it."""
    if indicator.aggregation == "ratio" and shown.numerator is not None and shown.denominator:
        return _rate(shown.numerator, shown.denominator, indicator.scale)
    return exact(shown.value)


@lru_cache(maxsize=KEPT)
def _rate(numerator: float, denominator: float, scale: float) -> Fraction:
    return exact(numerator) / exact(denominator) * exact(scale)


def rounded(value: Fraction, decimals: int) -> Decimal:
    """Round half away from zero."""
    units = int(abs(value) * 10**decimals + Fraction(1, 2))
    return Decimal(units if value >= 0 else -units).scaleb(-decimals)


def displayed(shown: Shown, indicator: Indicator) -> Decimal:
    """Return the value with the decimals of its sheet, as pages show it: no public file or answer gives more."""
    return rounded(value_of(shown, indicator), indicator.decimals)


def number(value: Fraction | float, decimals: int, language: str) -> str:
    """Write a number with that many decimals: « 1 234,5 », « −2 »."""
    return _written(rounded(exact(value), decimals), decimals, language)


def count(value: float, language: str) -> str:
    """Write what was counted: without decimals where it is whole, else with one."""
    return number(exact(value), 0 if float(value).is_integer() else 1, language)


def percent(value: Fraction | float, decimals: int, language: str) -> str:
    """Write a percentage given in hundredths: 31.6 is « 31,6 % »."""
    return _written(rounded(exact(value), decimals), decimals, language, percent=True)


@lru_cache(maxsize=KEPT)
def _written(value: Decimal, decimals: int, language: str, *, percent: bool = False) -> str:
    """Write a rounded number as the language does, with the typographic minus sign."""
    places = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    if percent:
        pattern = Locale.parse(language).percent_formats[None].pattern.replace("#,##0", places)
        text = format_percent(value.scaleb(-2), format=pattern, locale=language, decimal_quantization=False)
    else:
        text = format_decimal(value, format=places, locale=language)
    return text.replace("-", MINUS)


def amount(value: Fraction | float, indicator: Indicator, words: Words, decimals: int | None = None) -> str:
    """Write a value with its unit: « 31,6 % », « 12,50 ETP », « 14 mois »."""
    decimals = indicator.decimals if decimals is None else decimals
    if indicator.unit == PERCENT_UNIT:
        return percent(value, decimals, words.language)
    text = number(value, decimals, words.language)
    unit = unit_after(indicator, words)
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text


def unit_after(indicator: Indicator, words: Words) -> str:
    """Return the unit as it follows a number; nothing for counts, ratios and levels."""
    return words(f"unit.{indicator.unit}") if f"unit.{indicator.unit}" in words else ""


def target(value: float, indicator: Indicator, words: Words) -> str:
    """Write a target with no more decimals than it needs: « 60 % », « 12,5 ETP »."""
    places = next(
        (n for n in range(indicator.decimals) if rounded(exact(value), n) == exact(value)), indicator.decimals
    )
    return amount(exact(value), indicator, words, places)


def change(now: Fraction, before: Fraction, indicator: Indicator, words: Words) -> str | None:
    """Write a difference, beside the values it is between: rates differ by points, the rest by its own unit, not
    repeated; nothing if it rounds to zero.

    « +2,3 points », « −1,7 point » (French is singular under 2), « +4 ».
    """
    difference = rounded(now - before, indicator.decimals)
    if not difference:
        return None
    sign = "+" if difference > 0 else ""
    if indicator.unit != PERCENT_UNIT:
        return sign + number(Fraction(difference), indicator.decimals, words.language)
    one = Locale.parse(words.language).plural_form(abs(difference)) == "one"
    text = number(Fraction(difference), indicator.decimals, words.language)
    return f"{sign}{text}\N{NO-BREAK SPACE}{words('unit.point' if one else 'unit.points')}"


def distance(value: Fraction, other: Fraction, indicator: Indicator, words: Words) -> str | None:
    """Write how far two values are apart: « 15,2 points », « 4 »; nothing if it rounds to zero."""
    told = change(max(value, other), min(value, other), indicator, words)
    return told and told.removeprefix("+")


def period(period: Span, words: Words) -> str:
    """Write a period: « T3 2026 », « S1 2026 », « 2026 », « année scolaire 2025-2026 »; a window in full.

    « du T4 2025 au T3 2026 » is a window of quarters, « 2024 et 2023 réunis » are cohorts read together.
    """
    if isinstance(period, Window):
        first, last = (short_period(end, words) for end in (period.periods[0], period.newest))
        return words(f"period.{_kind(period)}", first=first, last=last)
    match period.frequency:
        case Frequency.QUARTER:
            return _quarter(period.start, words.language)
        case Frequency.SEMESTER:
            number_in_year = 1 if period.start.month == 1 else 2
            return words("period.semester", number=number_in_year, year=period.start.year)
        case Frequency.YEAR:
            return str(period.start.year)
        case Frequency.SCHOOL_YEAR:
            return words("period.school_year", code=period.code)


def _kind(window: Window) -> str:
    """Tell the words of a window: quarters or semesters that roll, two cohorts, more of them."""
    if window.newest.frequency.per_year > 1:
        return "window"
    return "cohorts" if window.count == TWO else "cohorts.several"


@lru_cache(maxsize=KEPT)
def _quarter(start: date, language: str) -> str:
    text: str = format_date(start, "QQQ y", locale=language)
    return text


def during(when: Span, words: Words) -> str:
    """Write when: « au T3 2026 », « en 2026 », « pendant l’année scolaire 2025-2026 », « du T4 2025 au T3 2026 »."""
    kind = _kind(when) if isinstance(when, Window) else when.frequency.value
    return words(f"period.during.{kind}", period=period(when, words))


def short_period(when: Span, words: Words) -> str:
    """Write a period as briefly as an axis wants it: a school year without its name, a window by its end."""
    if isinstance(when, Window):
        newest = short_period(when.newest, words)
        return words("period.short.window", last=newest) if _kind(when) == "window" else newest
    return when.code if when.frequency is Frequency.SCHOOL_YEAR else period(when, words)


def day(date_: date, words: Words) -> str:
    """Write a day: « 30 octobre 2026 », « 1er juillet 2026 »."""
    text: str = format_date(date_, "long", locale=words.language)
    # CLDR leaves the first of the month a plain number, which French does not.
    return f"1er{text[1:]}" if words.language == "fr" and date_.day == 1 else text


def moment(moment_: datetime, words: Words) -> str:
    """Write a day and a time, to the minute."""
    text: str = format_datetime(moment_, format="short", locale=words.language)
    return text
