"""What groups ask for, and what they are answered: all of it invented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Wording(NamedTuple):
    """A request with its answer and what was decided; `school` says where it may be heard (null: anywhere)."""

    text: str
    answer: str
    decision: str
    school: bool | None = None


GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("équipe du matin", "équipe de l'après-midi", "salariés en parcours", "permanents", "conseil des salariés"),
    "ECO": ("délégués de classe", "équipe du premier degré", "conseil des élèves", "association de parents"),
}

REQUESTS: Final = (
    Wording(
        "Connaître le planning deux semaines à l'avance.",
        "Le planning est affiché le jeudi, deux semaines avant.",
        "retenue",
        False,
    ),
    Wording(
        "Un casier fermé pour chacun dans le vestiaire.", "Douze casiers de plus, posés au printemps.", "retenue", False
    ),
    Wording(
        "Comprendre les comptes présentés à l'assemblée.",
        "Une séance de préparation a lieu avant chaque assemblée.",
        "retenue",
    ),
    Wording("Des gants à la bonne taille.", "Trois tailles sont désormais en stock.", "deja_faite", False),
    Wording(
        "Une pause de plus quand il fait très chaud.", "La règle existe : elle est rappelée et affichée.", "deja_faite"
    ),
    Wording(
        "Choisir ensemble le thème des formations courtes.",
        "À essayer avec une équipe avant de décider.",
        "a_evaluer",
        False,
    ),
    Wording(
        "Un lieu calme pour les démarches administratives.",
        "Un bureau est libre le mardi et le jeudi matin.",
        "retenue",
        False,
    ),
    Wording("Déplacer la réunion d'équipe hors du temps de repas.", "La réunion passe à dix heures.", "retenue"),
    Wording(
        "Payer le trajet vers les chantiers éloignés.", "Le coût est à chiffrer avant de répondre.", "a_evaluer", False
    ),
    Wording("Recevoir les comptes rendus des réunions.", "Ils sont affichés, et lus en réunion d'équipe.", "retenue"),
    Wording(
        "Travailler un jour de moins sans perte de salaire.",
        "Le budget ne le permet pas cette année.",
        "refusee",
        False,
    ),
    Wording("Accueillir les nouveaux avec un ancien.", "Chaque nouveau a un référent pendant un mois.", "retenue"),
    Wording(
        "Des horaires d'étude plus longs le mardi.",
        "L'étude reste ouverte jusqu'à dix-sept heures trente.",
        "retenue",
        True,
    ),
    Wording("Des bancs dans la cour.", "Six bancs sont commandés.", "retenue", True),
    Wording("Un menu sans viande deux fois par semaine.", "À voir avec la cuisine, après un essai.", "a_evaluer", True),
)

SEMINAR: Final[Mapping[str, tuple[Wording, ...]]] = {
    "1a": (
        Wording(
            "Décrire le parcours de chaque métier sur une page.", "Un modèle de page est proposé à tous.", "retenue"
        ),
        Wording("Partager les livrets d'accueil entre structures.", "Une bibliothèque commune est ouverte.", "retenue"),
        Wording("Faire relire le livret par des salariés.", "À essayer dans trois structures d'abord.", "a_evaluer"),
    ),
    "2a": (
        Wording(
            "Mesurer la satisfaction des clients de la même façon.", "Un questionnaire commun est prêt.", "retenue"
        ),
        Wording("Répondre à toute réclamation en cinq jours.", "L'engagement existe : il est rappelé.", "deja_faite"),
        Wording("Publier les résultats chaque trimestre.", "C'est ce que fait ce tableau de bord.", "deja_faite"),
    ),
    "1b+2b": (
        Wording(
            "Reconnaître les compétences par une attestation.", "Une attestation commune est à l'étude.", "a_evaluer"
        ),
        Wording("Former les encadrants à l'entretien professionnel.", "Deux sessions par an sont prévues.", "retenue"),
        Wording("Compter les jours de formation de chacun.", "L'indicateur est ajouté au catalogue.", "retenue"),
        Wording("Organiser des visites entre ateliers.", "Une journée par région est prévue.", "retenue"),
        Wording("Créer un passeport de formation papier.", "Le coût dépasse l'usage attendu.", "refusee"),
    ),
    "1c": (
        Wording(
            "Suivre les personnes six mois après la sortie.",
            "Le suivi se fait déjà, avec l'accord des personnes.",
            "deja_faite",
        ),
        Wording(
            "Réunir les employeurs du territoire deux fois par an.",
            "Une première réunion aura lieu en automne.",
            "retenue",
        ),
        Wording(
            "Proposer un essai de quelques jours avant l'embauche.",
            "Le cadre légal est à vérifier d'abord.",
            "a_evaluer",
        ),
    ),
    "2c": (
        Wording("Évaluer ensemble le confort des postes.", "Une grille simple est à l'essai.", "a_evaluer"),
        Wording("Acheter en commun les équipements de protection.", "Un achat groupé est lancé.", "retenue"),
        Wording("Un référent santé dans chaque structure.", "", ""),
    ),
    "1d": (
        Wording("Dire clairement ce que participer veut dire.", "La charte le dit en une page.", "retenue"),
        Wording("Fixer un minimum d'actions par an.", "Le minimum est de quatre actions par an.", "retenue"),
        Wording("Inviter à part les salariés en parcours.", "L'invitation à part est conseillée à tous.", "retenue"),
        Wording("Payer le temps de préparation.", "À chiffrer avec deux structures volontaires.", "a_evaluer"),
    ),
    "2d": (
        Wording(
            "Préparer l'assemblée avec les salariés.", "Une heure de préparation précède chaque assemblée.", "retenue"
        ),
        Wording("Réserver des sièges aux salariés au conseil.", "Les statuts sont à revoir d'abord.", "a_evaluer"),
        Wording("Rendre compte de chaque demande dans le trimestre.", "Le registre des demandes le montre.", "retenue"),
        Wording("Une journée nationale des conseils de salariés.", "", ""),
    ),
}
"""The proposals of the workshops: 3 + 3 + 5 + 3 + 3 + 4 + 4 = 25."""
