"""Words by which a text names a person: civilities, common first names, and how names are written."""

import re
from collections.abc import Mapping
from typing import Final

from indicators.intake.names import singular
from indicators.intake.spelling import folded

NAME: Final = "name"
BIRTH: Final = "birth"
NUMBER: Final = "number"
"""Kinds of personal data that a title may announce."""

_CIVILITY: Final = (
    "M\\.|MM\\.|Mr\\.?|Mme|Mmes|Mlle|Mlles|Monsieur|Messieurs|Madame|Mesdames|Mademoiselle|Mrs\\.?|Ms\\.?|Miss"
    "|Dhr\\.?|Mevr\\.?|Mevrouw|Meneer|[Dd]e heer"
)
_CAPITALISED: Final = "[A-ZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜ][\\w’'-]+"
_PARTICLE: Final = "(?:(?:de|du|des|d’|d'|la|le|van|von|den|der|El|Al|Ben)\\s?)*"
_TITLED: Final = re.compile(rf"(?<!\w)(?:{_CIVILITY})\s?{_PARTICLE}({_CAPITALISED}|[A-Z]\.)")
_ROLES_WRITTEN: Final = """
le la les l directeur directrice president presidente maire prefet prefete ministre responsable coordinateur
coordinatrice chef cheffe delegue deleguee secretaire tresorier tresoriere formateur formatrice inspecteur
inspectrice comptable
"""
_ROLES: Final = frozenset(_ROLES_WRITTEN.split())
"""What follows a civility and names an office."""
_FIRST_NAMES_WRITTEN: Final = """
Adam Adrien Agnès Ahmed Aïcha Alain Albert Alexandra Alexandre Alexis Alice Alicia Amandine Amélie Amina Anaïs
André Andrée Anita Anna Anne Annick Annie Anthony Antoine Antoinette Arnaud Arthur Audrey Aurélie Aurore Aymeric
Barbara Bart Bastien Béatrice Benjamin Benoît Bernadette Bernard Brigitte Bruno Camille Carine Carla Caroline
Catherine Cécile Cédric Chantal Charles Charlotte Christelle Christian Christiane Christine Christophe Claire
Claude Claudine Clément Colette Corinne Cyril Damien Daniel Danielle David Delphine Denis Denise Didier Dirk
Dominique Dylan Edith Eline Élise Élodie Émilie Emma Emmanuel Enzo Éric Estelle Esther Étienne Eva Évelyne
Fabien Fabienne Fabrice Farid Fatiha Fatima Florence Florian Franck François Françoise Frédéric Gabriel
Geneviève Georges Gérard Germaine Ghislaine Gilles Ginette Gisèle Grégory Guillaume Guy Hanna Hassan Hélène
Henri Hervé Hubert Hugo Inès Ingrid Isabelle Jacqueline Jacques Jan Jean Jeanne Jeannine Jennifer Jérémy Jérôme
Jessica Johan Johanna Jonathan Joris José Joseph Josette Josiane Julie Julien Karim Karin Karine Kevin Khadija
Koen Laetitia Lars Laura Laure Laurence Laurent Léa Léo Leïla Lieve Liliane Loïc Louis Louise Lucas Lucie Lucien
Lucienne Ludovic Luc Lydie Madeleine Malika Manon Marc Marcel Marcelle Margot Marguerite Maria Marie Marine
Marion Marjorie Marlène Martin Martine Maryse Mathieu Mathilde Matthieu Maurice Maxime Mélanie Michel Michèle
Micheline Mieke Mohamed Monique Morgane Mustapha Myriam Nadia Nadine Nathalie Nicolas Nicole Noémie Odette
Olivier Omar Pascal Pascale Patrice Patricia Patrick Paul Paulette Pauline Philippe Pierre Pierrette Piet Pieter
Quentin Rachid Raymond Raymonde Régine Renée René Robert Roger Roland Romain Rose Sabine Sabrina Saïd Samir
Samira Sandra Sandrine Sara Sarah Sébastien Serge Séverine Simon Simone Solange Sonia Sophie Stéphane Stéphanie
Suzanne Sylvain Sylvie Tatiana Théo Thérèse Thierry Thomas Tom Valentin Valérie Valentine Vanessa Véronique
Victor Vincent Virginie Viviane Willem William Wim Xavier Yann Yannick Yasmina Yves Yvette Yvonne Youssef Zoé
"""
_FIRST_NAMES: Final = frozenset(_FIRST_NAMES_WRITTEN.split())
"""First names that are common in France and Belgium: they are nobody's in particular."""
_KNOWN: Final = frozenset(map(folded, _FIRST_NAMES))
_PAIR: Final = re.compile(rf"(?<![\w’'-])({_CAPITALISED})\s+{_PARTICLE}{_CAPITALISED}")
_BEFORE_A_PLACE: Final = re.compile(
    r"(?i)(?:rue|avenue|place|lyc[ée]e|[ée]cole|coll[èe]ge|centre|salle|espace|maison|foyer|r[ée]sidence|site|atelier"
    r"|saint|sainte|all[ée]e|boulevard|quai|fondation|h[ôo]pital|stade|square|institut|cit[ée]|gare|pont|parc|march[ée]"
    r"|quartier|laan|straat|plein|zaal|school|street|road|square)(?:\s+(?:de|du|des|la|le|l['’]))?[\s-]*$"
)
_WHOLE_NAME: Final = re.compile(rf"\s*({_CAPITALISED})(?:[\s-]+{_PARTICLE}{_CAPITALISED}){{0,3}}\s*,?")


_NAMES_WRITTEN: Final = """
prenom; prenom usuel; nom prenom; nom et prenom; prenom nom
prenom et nom; nom de famille; nom de naissance; nom usuel; nom d usage
nom du salarie; nom du beneficiaire; nom du participant; nom du stagiaire; nom de la personne
nom de l eleve; nom de l agent; nom patronymique; nom marital; nom de jeune fille
first name; firstname; given name; last name; lastname
surname; family name; full name; voornaam; achternaam
familienaam; naam en voornaam; voornaam en naam; naam voornaam; voornaam naam
"""
_NAMES: Final = frozenset(title.strip() for title in re.split("[;\n]", _NAMES_WRITTEN) if title.strip())
NAMES_BESIDE: Final = frozenset({"nom", "name", "naam"})
"""Titles of a column of persons where another of the row says so; alone they may name structures."""
_BIRTHS_WRITTEN: Final = """
date de naissance; date naissance; naissance; ne le; nee le
ne e le; ne nee le; annee de naissance; jour de naissance; ddn
date of birth; birth date; birthdate; birthday; dob
year of birth; geboortedatum; geboren op; geboren; geboortejaar
datum van geboorte
"""
_BIRTHS: Final = frozenset(title.strip() for title in re.split("[;\n]", _BIRTHS_WRITTEN) if title.strip())
_REGISTERS_WRITTEN: Final = """
nir; numero de securite sociale; n de securite sociale; numero securite sociale; no de securite sociale
n ss; num ss; securite sociale; numero national; registre national
numero de registre national; n national; niss; insz; rijksregisternummer
rijksregister; national number; social security number
"""
_REGISTERS: Final = frozenset(title.strip() for title in re.split("[;\n]", _REGISTERS_WRITTEN) if title.strip())
TITLES: Final[Mapping[str, str]] = {
    singular(title): kind
    for kind, titles in ((NAME, _NAMES), (BIRTH, _BIRTHS), (NUMBER, _REGISTERS))
    for title in titles
}


def names_somebody(text: str) -> bool:
    """Whether a text has a civility before a name, or a common first name before another word with a capital."""
    if any(folded(found[1]) not in _ROLES for found in _TITLED.finditer(text)):
        return True
    return any(
        folded(found[1].partition("-")[0]) in _KNOWN and not _BEFORE_A_PLACE.search(text[: found.start()])
        for found in _PAIR.finditer(text)
    )


def is_a_name(text: str) -> bool:
    """Whether a text is a name and nothing else, its first name before or behind."""
    if _WHOLE_NAME.match(text) is None or re.search(r"[\d:;!?()]", text):
        return False
    words = re.split(r"[\s,-]+", text.strip())
    return 2 <= len(words) <= 4 and (folded(words[0]) in _KNOWN or folded(words[-1]) in _KNOWN)
