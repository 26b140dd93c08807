"""Translations: the `.po` files under `locale/<language>/`, merged into one table per language.

A `msgid` is a symbolic key (`board.title`), its `msgstr` the sentence, with `{name}` fields. Where a sentence depends
on a number, `msgid_plural` gives the second form and `count` selects: French has 0 and 1 in the singular. A key that
ends in `.zero` replaces the key without that suffix where `count` is 0.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Final

from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALE_DIR: Final = Path(__file__).parent.parent / "locale"
LANGUAGES: Final = ("fr", "en")
"""Languages of the pages."""
DEFAULT_LANGUAGE: Final = LANGUAGES[0]


class Language(StrEnum):
    """Languages of the command line and of findings."""

    FR = "fr"
    EN = "en"
    NL = "nl"


@dataclass(frozen=True)
class Translator:
    """The messages of one language: call it with a message key and the values of its fields."""

    language: str
    forms_by_key: Mapping[str, tuple[str, ...]]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the message of a key; a `KeyError` names a missing key and its language.

        An integer `count` selects singular or plural, and is formatted for the language in `{count}`.
        """
        count = values.get("count")
        # « Aucune structure » reads better than « 0 structure », where there is such a message.
        forms = self.forms_by_key.get(f"{key}.zero") if count == 0 else None
        forms = forms or self.forms_by_key.get(key)
        if forms is None:
            raise KeyError(f"{key}: no such words in {self.language}")
        form = forms[0]
        if isinstance(count, int):
            if len(forms) > 1 and Locale.parse(self.language).plural_form(count) != "one":
                form = forms[1]
            values["count"] = format_decimal(count, locale=self.language)
        return form.format(**values)

    def field_names(self, key: str) -> frozenset[str]:
        """Return the names of the fields used in any form of a message."""
        return frozenset().union(*map(_field_names, self.forms_by_key[key]))

    def __contains__(self, key: str) -> bool:
        """Whether the language has a message for a key."""
        return key in self.forms_by_key

    def first_existing(self, *keys: str) -> str:
        """Return the first key that has a message, else the last one."""
        return next((key for key in keys if key in self), keys[-1])


@cache
def _field_names(form: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(form) if name is not None)


@cache
def load_translator(language: str) -> Translator:
    """Load the translator of a language; a `ValueError` names a duplicate key and its file."""
    forms_by_key: dict[str, tuple[str, ...]] = {}
    for path in sorted((LOCALE_DIR / language).glob("*.po")):
        _refuse_repeats(path)
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
        for message in catalogue:
            key = message.id if isinstance(message.id, str) else message.id[0]
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            if not key or not all(forms):
                continue
            if key in forms_by_key:
                raise ValueError(f"{path}: {key} stands in another file too")
            forms_by_key[key] = forms
    return Translator(language, forms_by_key)


def _refuse_repeats(path: Path) -> None:
    """Raise for a key written twice in a file: Babel would silently keep one of them."""
    lines = path.read_text(encoding="utf-8").splitlines()
    repeated_lines = [
        line for line, count in Counter(line for line in lines if line.startswith("msgid ")).items() if count > 1
    ]
    if repeated_lines:
        raise ValueError(f"{path}: {', '.join(repeated_lines)} stands twice")
