"""What is said of a figure that the public does not see: one reason to everybody, the rule to those who manage it."""

from typing import Final

from dashboards.components.html import link, text
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Indicator
from indicators.disclosure.thresholds import Rule
from indicators.figures.figure import Figure, Status

ADDRESS: Final = "protection"
"""The page that says in plain words what is protected."""


def why_link(address: str, words: Words) -> str:
    """Return the link « pourquoi ? » to the page in plain words, at its address for this reader."""
    return link(address, words("protection.why"), name=words("protection.why.name"))


def unpublished(figure: Figure, words: Words, why: str, rule: Rule | None = None) -> str:
    """Return a line of a tile: the way to the reason where a figure is withheld, the rule where the public's is."""
    if figure.status is Status.WITHHELD:
        return f'<p class="why">{why_link(why, words)}</p>'
    if rule is None:
        return ""
    said = words("protection.public", rule=rule_in_words(rule, figure.indicator, words))
    return f'<p class="why">{text(said)}</p>'


def rule_in_words(rule: Rule, indicator: Indicator, words: Words) -> str:
    """Say a rule exactly: « moins de 20 personnes »."""
    fewest = numbers.count(indicator.disclosure.minimum_denominator, words.language)
    key = words.either(f"protection.rule.{rule}.{indicator.counted_in}", f"protection.rule.{rule}")
    return words(key, fewest=fewest)
