"""Detection of names of persons in texts: civilities, common first names, the form of names, titles of columns."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from indicators.intake.column_names import normalize_header
from indicators.intake.text_matching import fold

NAME: Final = "name"
BIRTH: Final = "birth"
REGISTER_NUMBER: Final = "number"
MAIL: Final = "mail"
PHONE: Final = "phone"
NAME_OF_OFFICE: Final = "name of who holds an office"
"""Kinds of personal data that a column title may announce."""

_CIVILITY: Final = (
    "M\\.|MM\\.|[Mm]r\\.?|(?:[Mm]me|MME)s?\\.?|(?:[Mm]lle|MLLE)s?\\.?|[Mm]onsieur|MONSIEUR|[Mm]essieurs|[Mm]adame|MADAME"
    "|[Mm]esdames|[Mm]ademoiselle|Mrs\\.?|Ms\\.?|Miss|[Dd]r\\.?|[Dd]octeur"
    "|[Dd]hr\\.?|[Mm]evr\\.?|[Mm]evrouw|[Mm]eneer|[Dd]e heer"
)
_CAPITALISED: Final = "[A-ZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜ][\\w’'-]+"
_PARTICLE: Final = "(?:(?:de|du|des|d’|d'|l’|l'|la|le|van|von|den|der|El|Al|Ben)\\s?)*"
_TITLED: Final = re.compile(rf"(?<!\w)(?:{_CIVILITY})\s?{_PARTICLE}({_CAPITALISED}|[A-Z]\.)")
_ROLES_WRITTEN: Final = """
le la les l directeur directrice president presidente maire prefet prefete ministre responsable coordinateur
coordinatrice chef cheffe delegue deleguee secretaire tresorier tresoriere formateur formatrice inspecteur
inspectrice comptable conseiller conseillere infirmier infirmiere principal principale proviseur proviseure
sous vice adjoint adjointe referent referente tuteur tutrice gestionnaire animateur animatrice encadrant encadrante
educateur educatrice moniteur monitrice enseignant enseignante professeur professeure assistant assistante
coordonnateur coordonnatrice charge chargee intervenant intervenante accompagnateur accompagnatrice psychologue
medecin juge procureur recteur rectrice depute deputee senateur senatrice surveillant surveillante econome
intendant intendante administrateur administratrice gerant gerante dirigeant dirigeante representant representante
technicien technicienne agent agente employeur employeuse salarie salariee stagiaire apprenti apprentie candidat
candidate beneficiaire participant participante usager eleve etudiant etudiante correspondant correspondante
interlocuteur interlocutrice auditeur auditrice evaluateur evaluatrice mediateur mediatrice documentaliste
cuisinier cuisiniere menage standardiste greffier notaire avocat avocate ambassadeur ambassadrice consul
directeurs voorzitter burgemeester minister schepen
"""
_ROLES: Final = frozenset(_ROLES_WRITTEN.split())
"""Words after a civility that name an office, not a person."""
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
"""First names that are common in France and Belgium."""
_KNOWN: Final = frozenset(map(fold, _FIRST_NAMES))
_PLACES_WRITTEN: Final = """
saint sainte st ste sint rue avenue place lycee ecole college centre centrum salle espace maison foyer residence site
atelier allee boulevard quai fondation hopital stade square institut cite gare pont parc marche quartier laan straat
plein zaal school basisschool street road mont plan mfr cfa greta mairie commune ville village hameau association asbl
vzw club union groupe groupement entreprise societe sarl sas sa scop scic esat mission pole plateforme campus
universite faculte iut clinique ehpad creche ime itep musee theatre mediatheque bibliotheque gymnase piscine
complexe bassin port pointe cap val vallee riviere ile lac foret domaine chateau ferme villa hotel garage chantier
ressourcerie recyclerie jardin conseil departement region academie rectorat ligue comite federation reseau projet
programme dispositif prix fonds collectif cooperative amicale caisse banque agence bureau service unite antenne secteur
zone canton stad gemeente huis eglise paroisse cathedrale chapelle prison batiment bloc aile route chemin impasse
"""
_PLACES: Final = frozenset(_PLACES_WRITTEN.split())
"""Words that make a name that of a place or of an organisation, even one named after a person."""
_PAIR: Final = re.compile(rf"(?<![\w’'-])(?=(({_CAPITALISED})\s+{_PARTICLE}{_CAPITALISED}))")
"""Two capitalised words, from each that another follows: a sentence may begin with one (« Départ de Marie Durand »)."""
_BEFORE_A_PLACE: Final = re.compile(
    rf"(?i)\b(?:(?:{'|'.join(sorted(_PLACES))})s?|(?:rue|avenue|place|lycee|ecole|college|centre|salle|espace|maison|foyer"
    r"|residence|site|fondation|hopital|stade|square|institut|cite|parc)\s+(?:de|du|des|la|le|l['’]))"
    r"(?:\s+(?:professionnel|agricole|polyvalent|prive|publi[cq]|technologique|general|primaire|maternel|elementaire"
    r"|municipal|communal|departemental|regional|social|rural)\w*)*(?:[\s-]+(?-i:[A-Z])[\w’'-]+){0,2}[\s-]*$"
)
PLACE_CONTEXT_CHARS: Final = 30
"""Characters before a name that are searched for a word of places."""
_WHOLE_NAME: Final = re.compile(rf"\s*{_PARTICLE}({_CAPITALISED})(?:[\s-]+{_PARTICLE}{_CAPITALISED}){{0,3}}\s*,?")


_GROUPS_WRITTEN: Final = """
equipe direction encadrement delegation administration presidence coordination animation accueil secretariat
permanent permanente parent famille usager classe degre cycle personnel personne pilote copil cse qualite insertion
production logistique commission assemblee bureau syndicat elu elue voisin habitant client partenaire financeur
benevole insertion technique pedagogique sociale social entretien cuisine vente couture menuiserie maraichage matin
soir apres midi promotion cohorte
"""
_GROUPS: Final = frozenset(_GROUPS_WRITTEN.split())
"""Words of groups of people and of what they do: a text with one names no single person."""
_NAME_WORD: Final = rf"(?:{_CAPITALISED}|[A-ZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜ]\.?)"
_SINGLE_NAME: Final = re.compile(rf"{_NAME_WORD}(?:[\s-]+{_PARTICLE}{_NAME_WORD}){{1,3}}")
_BETWEEN_ROLES: Final = re.compile(r"[,;/+&\n()]|\s(?:et|and|en|ou)\s|\s[–-]\s")


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
SHARED_NAME_TITLES: Final = frozenset({"nom", "name", "naam"})
"""Titles of a column of persons if another title of the row is one; otherwise they may name structures."""
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
_OFFICES_WRITTEN: Final = """
directeur directrice president presidente responsable coordinateur coordinatrice coordonnateur coordonnatrice chef
cheffe formateur formatrice tuteur tutrice referent referente contact salarie salariee beneficiaire candidat
candidate apprenti apprentie stagiaire participant participante conseiller conseillere gestionnaire animateur
animatrice encadrant encadrante educateur educatrice interlocuteur interlocutrice correspondant correspondante
signataire enseignant enseignante professeur parent enfant eleve etudiant etudiante jeune patient usager
agent redacteur redactrice secretaire tresorier tresoriere maire gerant gerante dirigeant dirigeante deposant
deposante declarant declarante
"""
_OFFICES: Final = frozenset(_OFFICES_WRITTEN.split())
_NAME_OF: Final = re.compile(
    r"(?:nom|prenom|naam|name) (?:complet )?(?:(?:du|de la|de l|de|d|van de|of the) )?"
    r"(?!chef (?:lieu|de file))(\w+)"
)
"""Titles of a column of names of office holders, where the office is held by persons."""
_OF_PHONES: Final = frozenset(
    {"telephone", "telephonique", "tel", "phone", "gsm", "portable", "mobile", "telefoon", "telefoonnummer"}
)
_OF_MAILS: Final = frozenset({"mail", "email", "courriel", "mel", "emailadre", "mailadre"})
_MAX_TITLE_CHARS: Final = 60
"""Most characters of a title; a longer text is a sentence that mentions a telephone."""
KIND_BY_TITLE: Final[Mapping[str, str]] = {
    normalize_header(title): kind
    for kind, titles in ((NAME, _NAMES), (BIRTH, _BIRTHS), (REGISTER_NUMBER, _REGISTERS))
    for title in titles
}


def kind_by_title(title: str) -> str | None:
    """Return the kind of personal data that a normalised title announces, if any; its cells may still hold none."""
    if title in KIND_BY_TITLE:
        return KIND_BY_TITLE[title]
    if len(title) > _MAX_TITLE_CHARS:
        return None
    name_of = _NAME_OF.match(title)
    if name_of and name_of[1] in _OFFICES:
        return NAME_OF_OFFICE
    words = set(title.split())
    if words & _OF_PHONES:
        return PHONE
    return MAIL if words & _OF_MAILS else None


def names_a_person(text: str) -> bool:
    """Whether a text has a civility and a name, or a common first name and another capitalised word."""
    if any(not _is_office(match[1]) for match in _TITLED.finditer(text)):
        return True
    return any(
        fold(match[2].partition("-")[0]) in _KNOWN
        and not _BEFORE_A_PLACE.search(_unaccented(text[max(0, match.start() - PLACE_CONTEXT_CHARS) : match.start()]))
        and not names_a_place(match[1])
        for match in _PAIR.finditer(text)
    )


def _is_office(word: str) -> bool:
    """Whether the word after a civility is an office: « Sous-préfet », « Infirmières »."""
    words = fold(word).removeprefix("l ").split()
    return bool(words) and (words[0] in _ROLES or words[0].removesuffix("s") in _ROLES)


def _unaccented(text: str) -> str:
    """Return a text without accents, with its capitals."""
    return "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))


def names_a_place(text: str) -> bool:
    """Whether a text has a word of places or organisations."""
    return any(word in _PLACES or word.removesuffix("s") in _PLACES for word in fold(text).split())


def is_a_name(text: str) -> bool:
    """Whether a text is a full name only, with a common first name first or last."""
    if not may_be_a_name(text):
        return False
    words = re.split(r"[\s,-]+", text.strip())
    return 2 <= len(words) <= 4 and (fold(words[0]) in _KNOWN or fold(words[-1]) in _KNOWN)


def names_a_person_among_roles(text: str) -> bool:
    """Whether one of the groups or roles of a cell is written like a person’s name: « Benali Fatima », « Luc D. »."""
    return any(_is_written_like_a_name(role.strip()) for role in _BETWEEN_ROLES.split(text))


def _is_written_like_a_name(role: str) -> bool:
    words = fold(role).split()
    if any(word in known or word.removesuffix("s") in known for word in words for known in (_ROLES, _PLACES, _GROUPS)):
        return names_a_person(role)
    is_first_name = role[:1].isupper() and fold(role) in _KNOWN
    return is_first_name or names_a_person(role) or _SINGLE_NAME.fullmatch(role) is not None


def may_be_a_name(text: str) -> bool:
    """Whether a text has the form of a name of a person, and is not that of a place."""
    return _WHOLE_NAME.match(text) is not None and re.search(r"[\d:;!?()]", text) is None and not names_a_place(text)


def may_be_part_of_a_name(text: str) -> bool:
    """Whether a cell of a column of names may hold one: it has letters, and no word of places."""
    return any(map(str.isalpha, text)) and not names_a_place(text)
