"""What a page of registers is about: a perimeter of which the reader may see the management's part.

It stands in the address. The pages lead to each other for the same perimeter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from dashboards.app_pages.indicator.page import perimeter_name
from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.perimeter_choice import PERIMETER_PARAM, chosen_perimeter, offered_perimeters
from dashboards.components.html import join, link, markup
from indicators.definitions.perimeters import Level, Perimeter, fold_case_and_accents
from indicators.definitions.roles import Right
from indicators.snapshot import Snapshot

REGISTER_PATHS: Final = ("actions", "plan", "participation", "instances", "revue")
"""Pages of registers, in the order in which they lead to each other."""
MAX_OFFERED_STRUCTURES: Final = 500
"""Structures in the list to choose from: of more, one is reached from its board."""


@dataclass(frozen=True)
class RegisterChoice:
    """The perimeter of the address and its structures; those that the reader may choose, with their names."""

    perimeter: Perimeter
    structures: frozenset[str]
    """Ids of the structures of which registers are shown: all of the perimeter, closed ones too."""
    names: Mapping[str, str]
    """Names of the perimeters to choose from, as they read inside a sentence, by their codes."""

    @property
    def name(self) -> str:
        """The name of the perimeter, as it reads inside a sentence."""
        return self.names[self.perimeter.code]

    @property
    def structure(self) -> str | None:
        """Id of the structure that the page is about; null for a larger perimeter."""
        return self.perimeter.name if self.perimeter.level is Level.STRUCTURE else None


def read_register_choice(context: PageContext, snapshot: Snapshot) -> RegisterChoice:
    """Return what the address asks for; an `UnknownError` for a perimeter that is not the reader's."""
    right, structures = Right.SEE_MANAGEMENT, snapshot.structures
    offered = list(offered_perimeters(context, snapshot, right))
    perimeter = chosen_perimeter(context, snapshot, right, offered[0])
    own = context.visitor.structures(right, structures)
    codes = sorted(
        structures.by_id if own is None else own, key=lambda code: fold_case_and_accents(structures[code].name)
    )
    if len(codes) <= MAX_OFFERED_STRUCTURES:
        offered += [Perimeter(Level.STRUCTURE, code) for code in codes]
    names = {each.code: perimeter_name(context, snapshot, each) for each in dict.fromkeys((*offered, perimeter))}
    return RegisterChoice(perimeter, frozenset(structures.members(perimeter)), names)


def draw_register_choice(context: PageContext, choice: RegisterChoice) -> None:
    """Draw the choice of the perimeter, if there are several."""
    if len(choice.names) > 1:
        context.choose(
            PERIMETER_PARAM,
            context.t("choose.perimeter"),
            list(choice.names),
            lambda code: choice.names[code][:1].upper() + choice.names[code][1:],
            default=choice.perimeter.code,
            clears=("page",),
        )


def sections_html(context: PageContext, choice: RegisterChoice) -> Markup:
    """Return the links between the pages of registers, for the same perimeter, the current one marked."""
    items = [
        markup('<strong aria-current="page">{}</strong>', context.t(f"page.{path}"))
        if path == context.page
        else link(context.link(path, perimetre=choice.perimeter.code), context.t(f"page.{path}"))
        for path in REGISTER_PATHS
    ]
    return markup('<nav class="sections" aria-label="{}">{}</nav>', context.t("page.improvement"), join(items, " "))
