"""Formatting of numbers, percentages, differences, dates and periods by language (Unicode CLDR, with Babel).

Values are computed from counts as exact fractions and rounded once, half away from zero (METHODS 1).
"""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval
from babel.numbers import format_decimal, format_percent

from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Frequency, Span, Window
from indicators.figures.figure import Value

MINUS_SIGN: Final = "\N{MINUS SIGN}"
PERCENT_UNIT: Final = "%"
COHORT_PAIR: Final = 2
MAX_CACHED_NUMBERS: Final = 20_000
"""Formatted numbers cached: a board has hundreds, mostly the same from one reader to the next."""


@lru_cache(maxsize=MAX_CACHED_NUMBERS)
def to_fraction(number: Fraction | float) -> Fraction:
    """Return a number as the fraction that its decimals say: 0.1 is one tenth, not the nearest binary fraction."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def exact_value(shown: Value, indicator: Indicator) -> Fraction:
    """Return the exact value, computed from the counts where there are any."""
    if indicator.aggregation == "ratio" and shown.numerator is not None and shown.denominator:
        return _rate(shown.numerator, shown.denominator, indicator.scale)
    return to_fraction(shown.value)


@lru_cache(maxsize=MAX_CACHED_NUMBERS)
def _rate(numerator: float, denominator: float, scale: float) -> Fraction:
    return to_fraction(numerator) / to_fraction(denominator) * to_fraction(scale)


@lru_cache(maxsize=MAX_CACHED_NUMBERS)
def round_half_away(value: Fraction, decimals: int) -> Decimal:
    """Round half away from zero."""
    units = int(abs(value) * 10**decimals + Fraction(1, 2))
    return Decimal(units if value >= 0 else -units).scaleb(-decimals)


def displayed_value(shown: Value, indicator: Indicator) -> Decimal:
    """Return the value rounded to its indicator's decimals: no page, public file or response gives more."""
    return round_half_away(exact_value(shown, indicator), indicator.decimals)


@lru_cache(maxsize=MAX_CACHED_NUMBERS)
def format_number(value: Fraction | float, decimals: int, language: str) -> str:
    """Format a number with a fixed number of decimals: « 1 234,5 », « −2 »."""
    return _format_rounded(round_half_away(to_fraction(value), decimals), decimals, language)


def format_count(value: float, language: str) -> str:
    """Format a count: no decimals for an integer, else one."""
    return format_number(to_fraction(value), 0 if float(value).is_integer() else 1, language)


def format_percentage(value: Fraction | float, decimals: int, language: str) -> str:
    """Format a percentage given in hundredths: 31.6 is « 31,6 % »."""
    return _format_rounded(round_half_away(to_fraction(value), decimals), decimals, language, as_percent=True)


@lru_cache(maxsize=MAX_CACHED_NUMBERS)
def _format_rounded(value: Decimal, decimals: int, language: str, *, as_percent: bool = False) -> str:
    """Format a rounded number for the language, with the typographic minus sign."""
    places = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    if as_percent:
        pattern = Locale.parse(language).percent_formats[None].pattern.replace("#,##0", places)
        text = format_percent(value.scaleb(-2), format=pattern, locale=language, decimal_quantization=False)
    else:
        text = format_decimal(value, format=places, locale=language)
    return text.replace("-", MINUS_SIGN)


def format_amount(value: Fraction | float, indicator: Indicator, t: Translator, decimals: int | None = None) -> str:
    """Format a value with its unit: « 31,6 % », « 12,50 ETP », « 14 mois »."""
    decimals = indicator.decimals if decimals is None else decimals
    if indicator.unit == PERCENT_UNIT:
        return format_percentage(value, decimals, t.language)
    text = format_number(value, decimals, t.language)
    unit = unit_suffix(indicator, t)
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text


def unit_suffix(indicator: Indicator, t: Translator) -> str:
    """Return the unit as it follows a number; empty for counts, ratios and levels."""
    return t(f"unit.{indicator.unit}") if f"unit.{indicator.unit}" in t else ""


def format_target(value: float, indicator: Indicator, t: Translator) -> str:
    """Format a target with no more decimals than it needs: « 60 % », « 12,5 ETP »."""
    places = next(
        (n for n in range(indicator.decimals) if round_half_away(to_fraction(value), n) == to_fraction(value)),
        indicator.decimals,
    )
    return format_amount(to_fraction(value), indicator, t, places)


def format_change(now: Fraction, before: Fraction, indicator: Indicator, t: Translator) -> str | None:
    """Format a difference shown beside its two values: rates in points, others without repeating the unit.

    Null if it rounds to zero.

    « +2,3 points », « −1,7 point » (French is singular under 2), « +4 ».
    """
    difference = round_half_away(now - before, indicator.decimals)
    if not difference:
        return None
    sign = "+" if difference > 0 else ""
    if indicator.unit != PERCENT_UNIT:
        return sign + format_number(Fraction(difference), indicator.decimals, t.language)
    one = Locale.parse(t.language).plural_form(abs(difference)) == "one"
    text = format_number(Fraction(difference), indicator.decimals, t.language)
    return f"{sign}{text}\N{NO-BREAK SPACE}{t('unit.point' if one else 'unit.points')}"


def format_distance(value: Fraction, other: Fraction, indicator: Indicator, t: Translator) -> str | None:
    """Format the absolute difference of two values: « 15,2 points », « 4 »; null if it rounds to zero."""
    difference = format_change(max(value, other), min(value, other), indicator, t)
    return difference and difference.removeprefix("+")


def format_period(period: Span, t: Translator) -> str:
    """Format a period: « T3 2026 », « S1 2026 », « 2026 », « année scolaire 2025-2026 »; a window in full.

    « du T4 2025 au T3 2026 » is a window of quarters, « 2024 et 2023 réunis » are pooled cohorts.
    """
    if isinstance(period, Window):
        first, last = (format_short_period(end, t) for end in (period.periods[0], period.newest))
        return t(f"period.{_window_kind(period)}", first=first, last=last)
    match period.frequency:
        case Frequency.QUARTER:
            return _format_quarter(period.start, t.language)
        case Frequency.SEMESTER:
            number_in_year = 1 if period.start.month == 1 else 2
            return t("period.semester", number=number_in_year, year=period.start.year)
        case Frequency.YEAR:
            return str(period.start.year)
        case Frequency.SCHOOL_YEAR:
            return t("period.school_year", code=period.code)


def _window_kind(window: Window) -> str:
    """Return the message key of a window: rolling quarters or semesters, two cohorts, or more."""
    if window.newest.frequency.per_year > 1:
        return "window"
    return "cohorts" if window.count == COHORT_PAIR else "cohorts.several"


@lru_cache(maxsize=MAX_CACHED_NUMBERS)
def _format_quarter(start: date, language: str) -> str:
    text: str = format_date(start, "QQQ y", locale=language)
    return text


def format_during(when: Span, t: Translator) -> str:
    """Format a period as an adverbial: « au T3 2026 », « en 2026 », « pendant l’année scolaire 2025-2026 »."""
    kind = _window_kind(when) if isinstance(when, Window) else when.frequency.value
    return t(f"period.during.{kind}", period=format_period(when, t))


def format_short_period(when: Span, t: Translator) -> str:
    """Format a period briefly, as on an axis: a school year without its name, a window by its last period."""
    if isinstance(when, Window):
        newest = format_short_period(when.newest, t)
        return t("period.short.window", last=newest) if _window_kind(when) == "window" else newest
    return when.code if when.frequency is Frequency.SCHOOL_YEAR else format_period(when, t)


def format_day(day: date, t: Translator) -> str:
    """Format a day: « 30 octobre 2026 », « 1er juillet 2026 »."""
    return _format_day(day, t.language)


@lru_cache(maxsize=MAX_CACHED_NUMBERS)
def _format_day(day: date, language: str) -> str:
    text: str = format_date(day, "long", locale=language)
    # CLDR has no ordinal for the first of the month, which French requires.
    return f"1er{text[1:]}" if language == "fr" and day.day == 1 else text


def format_short_day(day: date, t: Translator) -> str:
    """Format a day for a column of a table: « 30 oct. 2026 »."""
    text: str = format_date(day, "medium", locale=t.language)
    return text


def format_days(first: date, last: date, t: Translator, *, whole_months: bool = False) -> str:
    """Format days in a row: « 16–30 nov. 2026 », « 1er–15 nov. 2026 »; whole months « nov.–déc. 2026 »."""
    text: str = format_interval(first, last, "yMMM" if whole_months else "yMMMd", locale=t.language)
    return f"1er{text[1:]}" if t.language == "fr" and text.startswith("1–") else text


def format_moment(moment: datetime, t: Translator) -> str:
    """Format a date and time, to the minute."""
    text: str = format_datetime(moment, format="short", locale=t.language)
    return text
