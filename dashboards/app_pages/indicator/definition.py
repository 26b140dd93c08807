"""The definition of an indicator: formula, direction, target, limits, and the details of its sheet."""

from datetime import date

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.components.html import facts, heading, markup
from dashboards.wording.formatting import format_day, format_target
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Indicator


def definition(context: PageContext, indicator: Indicator, target_html: Markup) -> Markup:
    """Return the brief definition beside the figures: formula, direction, target, limits.

    `target_html` is the text on the target (already markup).
    """
    t, language = context.t, context.language
    rows = [
        (t("sheet.formula"), _formula_html(context, indicator)),
        (t("sheet.direction"), t(f"direction.{indicator.direction}")),
        (t("table.target"), target_html),
        (t("sheet.does_not_say"), indicator.does_not_say(language)),
    ]
    return facts(rows)


def _review_sentence(indicator: Indicator, t: Translator, today: date) -> str:
    """Return when the definition is next reviewed, or since when the review is overdue, and by which role."""
    role = t(f"sheet.reviewer.{indicator.reviewer}")
    key = "sheet.review.of" if today <= indicator.next_review else "sheet.review.overdue"
    return t(key, day=format_day(indicator.next_review, t), role=role)


def _formula_html(context: PageContext, indicator: Indicator) -> Markup:
    t, language = context.t, context.language
    if not indicator.denominator_required:
        return markup("<p>{}</p>", indicator.numerator(language))
    fraction = markup("{}<hr>{}", indicator.numerator(language), indicator.denominator(language))
    scale = t(f"formula.scale.{indicator.unit}") if f"formula.scale.{indicator.unit}" in t else ""
    return markup('<div class="fraction"><div>{}</div><p>{}</p></div>', fraction, scale)


def definition_details(context: PageContext, indicator: Indicator) -> Markup:
    """Return the rest of the definition: inclusions, exclusions, norm, references, frequency, audience, version."""
    t, language = context.t, context.language
    kinds = [t("kind.all")] if "*" in indicator.kinds else [t(f"kind.{kind}") for kind in indicator.kinds]
    rows = [
        (t("sheet.inclusions"), indicator.inclusions(language)),
        (t("sheet.exclusions"), indicator.exclusions(language)),
        (t("sheet.norm"), indicator.norm(language)),
        *(
            (
                t("sheet.reference"),
                t(
                    f"sheet.reference.{target.status}",
                    value=format_target(target.value, indicator, t),
                    origin=target.origin(language),
                ),
            )
            for target in indicator.targets
        ),
        (t("sheet.frequency"), t(f"frequency.{indicator.frequency}")),
        (t("sheet.kinds"), t("list.separator").join(kinds)),
        (t("sheet.audience"), t(f"audience.{indicator.audience}")),
        (
            t("sheet.version"),
            t("sheet.version.of", version=indicator.version, day=format_day(indicator.valid_from, t)),
        ),
        (t("sheet.review"), _review_sentence(indicator, t, context.today)),
    ]
    return heading(2, t("sheet.title")) + facts(rows)
