"""What an indicator is: the question it answers, how it is computed, what it does not say."""

from datetime import date

from dashboards.app_pages.page_context import Visit
from dashboards.components.html import facts, heading, text
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Indicator


def definition(visit: Visit, indicator: Indicator, aim: str) -> str:
    """Return what stands beside the figures: how they are computed, how they read, what they do not say, their target.

    `aim` is what is said of the target (already markup).
    """
    words, language = visit.words, visit.language
    told = [
        (words("sheet.formula"), _formula(visit, indicator)),
        (words("sheet.direction"), text(words(f"direction.{indicator.direction}"))),
        (words("table.target"), aim),
        (words("sheet.does_not_say"), text(indicator.does_not_say(language))),
    ]
    return facts(told)


def _review(indicator: Indicator, words: Words, today: date) -> str:
    """Say when the sheet is next reviewed, or since when it should have been, and by which role."""
    role = words(f"sheet.reviewer.{indicator.reviewer}")
    key = "sheet.review.of" if today <= indicator.next_review else "sheet.review.overdue"
    return words(key, day=numbers.day(indicator.next_review, words), role=role)


def _formula(visit: Visit, indicator: Indicator) -> str:
    words, language = visit.words, visit.language
    if not indicator.denominator_required:
        return f"<p>{text(indicator.numerator(language))}</p>"
    fraction = text(indicator.numerator(language)) + "<hr>" + text(indicator.denominator(language))
    scale = words(f"formula.scale.{indicator.unit}") if f"formula.scale.{indicator.unit}" in words else ""
    return f'<div class="fraction"><div>{fraction}</div><p>{text(scale)}</p></div>'


def sheet(visit: Visit, indicator: Indicator) -> str:
    """Return the rest of the sheet: what is counted and what is not, where it comes from, who sees it."""
    words, language = visit.words, visit.language
    kinds = [words("kind.all")] if "*" in indicator.kinds else [words(f"kind.{kind}") for kind in indicator.kinds]
    told = [
        (words("sheet.inclusions"), text(indicator.inclusions(language))),
        (words("sheet.exclusions"), text(indicator.exclusions(language))),
        (words("sheet.norm"), text(indicator.norm(language))),
        *(
            (
                words("sheet.reference"),
                text(
                    words(
                        f"sheet.reference.{target.status}",
                        value=numbers.target(target.value, indicator, words),
                        origin=target.origin(language),
                    )
                ),
            )
            for target in indicator.targets
        ),
        (words("sheet.frequency"), text(words(f"frequency.{indicator.frequency}"))),
        (words("sheet.kinds"), text(words("list.separator").join(kinds))),
        (words("sheet.audience"), text(words(f"audience.{indicator.audience}"))),
        (
            words("sheet.version"),
            text(words("sheet.version.of", version=indicator.version, day=numbers.day(indicator.valid_from, words))),
        ),
        (words("sheet.review"), text(_review(indicator, words, visit.today))),
    ]
    return heading(2, words("sheet.title")) + facts(told)
