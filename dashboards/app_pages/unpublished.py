"""Notes on suppressed figures: one general reason for the public, the rule applied for those who manage them."""

from typing import Final

from markupsafe import Markup

from dashboards.components.html import NO_HTML, link, markup
from dashboards.wording.formatting import format_count
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Indicator
from indicators.disclosure import SuppressionRule
from indicators.figures.figure import Figure, Status

PROTECTION_PATH: Final = "protection"
"""The page that explains disclosure control in plain words."""


def why_link(url: str, t: Translator) -> Markup:
    """Return the link « pourquoi ? » to the page on disclosure control."""
    return link(url, t("protection.why"), name=t("protection.why.name"))


def unpublished_note(figure: Figure, t: Translator, why_url: str, rule: SuppressionRule | None = None) -> Markup:
    """Return a line of a tile: a link to the reason of a withheld figure, or the rule that hides it from the public."""
    if figure.status is Status.WITHHELD:
        return markup('<p class="why">{}</p>', why_link(why_url, t))
    if rule is None:
        return NO_HTML
    sentence = t("protection.public", rule=rule_sentence(rule, figure.indicator, t))
    return markup('<p class="why">{}</p>', sentence)


def rule_sentence(rule: SuppressionRule, indicator: Indicator, t: Translator) -> str:
    """Return a disclosure rule in words: « moins de 20 personnes »."""
    fewest = format_count(indicator.disclosure.minimum_denominator, t.language)
    key = t.first_existing(f"protection.rule.{rule}.{indicator.counted_in}", f"protection.rule.{rule}")
    return t(key, fewest=fewest)
