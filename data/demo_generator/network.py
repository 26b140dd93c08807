"""The forty structures of the fictitious network: who they are, not what they do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from .dice import Dice
from .quarters import Quarter, quarter_of
from .typography import slug, typeset

IAE: Final = frozenset({"ACI", "AI", "EI", "ETTI"})

OPENED_LATE: Final = date(2024, 1, 1)
CLOSED_EARLY: Final = date(2025, 12, 31)

THREE_SHORES: Final = "Groupe des Trois Rives (fictif)"
TWO_HILLS: Final = "Pôle des Deux Collines (fictif)"
FOUR_STEEPLES: Final = "Alliance des Quatre Clochers (fictif)"


@dataclass(frozen=True)
class Structure:
    """One enterprise or school. `size` is what its kind is measured by: see the table below."""

    kind: str
    title: str
    region: str
    department: str
    size: int
    group: str = ""
    rank: int = 0
    opened: date = date(2000, 1, 1)
    closed: date | None = None
    registered: bool = True

    @property
    def slug(self) -> str:
        """The code of the structure."""
        return slug(self.title)

    @property
    def name(self) -> str:
        """The name, which says that it is fictitious."""
        return typeset(f"{self.title} (fictif)")

    @property
    def country(self) -> str:
        """The country, by the code of its region."""
        return "BE" if self.region.startswith("be-") else "FR"

    @property
    def siret(self) -> str:
        """Fourteen digits that pass both checks and begin like no real number; empty in Belgium."""
        if self.country != "FR" or not self.registered:
            return ""
        siren = with_luhn_digit(f"000{417 * self.rank + 10_000:05d}")
        return with_luhn_digit(f"{siren}0001")

    @property
    def bce(self) -> str:
        """Ten digits that pass the modulo 97 check and begin like no real number; empty in France."""
        if self.country != "BE":
            return ""
        stem = f"0000{211 * self.rank:04d}"
        return f"{stem}{97 - int(stem) % 97:02d}"

    def is_open(self, quarter: Quarter) -> bool:
        """Whether it worked during that quarter."""
        return quarter_of(self.opened) <= quarter and (self.closed is None or quarter <= quarter_of(self.closed))


def with_luhn_digit(digits: str) -> str:
    """These digits and the one that makes the whole pass the Luhn check."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    plain = sum(int(digit) for digit in digits[-2::-2])
    return f"{digits}{-(doubled + plain) % 10}"


# size: exits a quarter (ACI AI EI ETTI), trainees leaving a quarter (CISP), pupils (ECO), employees (the others).
_DRAFT: Final = (
    Structure("ACI", "Atelier du Canal", "hauts-de-france", "59", 64, THREE_SHORES),
    Structure("EI", "Bâtisseurs des Trois Rives", "hauts-de-france", "59", 42, THREE_SHORES),
    Structure("AI", "Entraide des Trois Rives", "hauts-de-france", "59", 84, THREE_SHORES),
    Structure("ETTI", "Intérim des Trois Rives", "hauts-de-france", "62", 100, THREE_SHORES),
    Structure("GES", "Services communs des Trois Rives", "hauts-de-france", "59", 46, THREE_SHORES),
    Structure("ACI", "Jardins de la Dune bleue", "hauts-de-france", "62", 39),
    Structure("ACI", "Chantier des Hautes Falaises", "normandie", "76", 34),
    Structure("AI", "Les Mains du Bocage", "normandie", "14", 57),
    Structure("EI", "Menuiserie du Pommier blanc", "normandie", "61", 15),
    Structure("GEIQ", "GEIQ des Deux Estuaires", "normandie", "76", 58),
    Structure("ACI", "Recyclerie du Faubourg vert", "ile-de-france", "93", 52),
    Structure("ETTI", "Intérim de la Boucle", "ile-de-france", "94", 78),
    Structure("EITI", "Indépendants du Belvédère", "ile-de-france", "75", 116, registered=False),
    Structure("RES", "Réseau des Horizons", "ile-de-france", "75", 0),
    Structure("ACI", "Filature des Monts clairs", "auvergne-rhone-alpes", "42", 45),
    Structure("EI", "Paysagistes du Gué", "auvergne-rhone-alpes", "69", 37),
    Structure("ETTI", "Intérim des Balcons", "auvergne-rhone-alpes", "38", 66),
    Structure("ACI", "Potager des Grands Prés", "grand-est", "54", 12),
    Structure("AI", "Dépannage du Ried", "grand-est", "67", 14),
    Structure("EI", "Conserverie des Mirabelles", "grand-est", "54", 33),
    Structure("ACI", "Cordages de l'Estran", "nouvelle-aquitaine", "33", 41, closed=CLOSED_EARLY),
    Structure("AI", "Services des Pinèdes", "nouvelle-aquitaine", "33", 51),
    Structure("ETTI", "Intérim de la Palombière", "nouvelle-aquitaine", "47", 56, TWO_HILLS),
    Structure("ACI", "Marais des Sept Ponts", "pays-de-la-loire", "44", 9, registered=False),
    Structure("EI", "Blanchisserie du Vieux Lavoir", "pays-de-la-loire", "49", 30),
    Structure("ACI", "Ateliers de la Pointe d'Argent", "bretagne", "29", 33, opened=OPENED_LATE),
    Structure("AI", "Voisinage des Deux Collines", "occitanie", "82", 72, TWO_HILLS),
    Structure("EI", "Maçonnerie des Deux Collines", "occitanie", "82", 34, TWO_HILLS),
    Structure("SAP", "Domicile des Deux Collines", "occitanie", "82", 96, TWO_HILLS),
    Structure("ECO", "École du Grand Tilleul", "be-hainaut", "", 430),
    Structure("CISP", "Atelier des Quatre Clochers", "be-hainaut", "", 31, FOUR_STEEPLES),
    Structure("EIW", "Construction des Quatre Clochers", "be-hainaut", "", 74, FOUR_STEEPLES),
    Structure("TS", "Ménage des Quatre Clochers", "be-hainaut", "", 132, FOUR_STEEPLES),
    Structure("CISP", "Forge du Val perdu", "be-liege", "", 24),
    Structure("EIW", "Boutiques du Grand Comptoir", "be-liege", "", 118),
    Structure("ECO", "École du Pont rouge", "be-liege", "", 315),
    Structure("CISP", "Jardin des Confluents", "be-namur", "", 28, FOUR_STEEPLES),
    Structure("TS", "Maisonnée de la Citadelle", "be-namur", "", 47),
    Structure("EIW", "Tri des Vallons", "be-namur", "", 61),
    Structure("CISP", "Métiers du Plateau vert", "be-brabant-wallon", "", 22),
)


def _with_rank_and_opening(rank: int, draft: Structure) -> Structure:
    """The structure with its rank in the table and, unless the table says one, a day of opening."""
    dice = Dice(draft.slug, "opening")
    opened = date(dice.whole(1995, 2019), dice.whole(1, 12), 1)
    return replace(draft, rank=rank, opened=draft.opened if draft.opened == OPENED_LATE else opened)


STRUCTURES: Final = tuple(_with_rank_and_opening(rank, draft) for rank, draft in enumerate(_DRAFT, start=1))
BY_SLUG: Final = {structure.slug: structure for structure in STRUCTURES}
