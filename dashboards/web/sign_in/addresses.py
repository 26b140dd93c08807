"""Addresses of sign-in and sign-out, and their parameters."""

from typing import Final
from urllib.parse import urlencode

from dashboards.wording.translations import DEFAULT_LANGUAGE, Translator

LANGUAGE_PARAM: Final = "lang"
SIGN_IN_PATH: Final = "/connexion"
LINK_PATH: Final = "/connexion/lien"
RETURN_ENDING: Final = "/retour"
"""Where a provider sends its reader back to, after the path of the provider."""
MAILS_PATH: Final = "/courriels"
SIGN_OUT_PATH: Final = "/deconnexion"
TARGET_PARAM: Final = "vers"
"""Parameter with the page to which a reader goes on once signed in."""
TOKEN_PARAM: Final = "jeton"  # noqa: S105 - the name of a parameter


def address_of(path: str, t: Translator, **parameters: str) -> str:
    """Return the address of a page of sign-in, in the reader's language; empty parameters are left out."""
    language = "" if t.language == DEFAULT_LANGUAGE else t.language
    query = {name: value for name, value in {**parameters, LANGUAGE_PARAM: language}.items() if value}
    return f"{path}?{urlencode(query)}" if query else path
