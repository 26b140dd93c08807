"""The words of the pages: `.po` files under `locale/<language>/`, merged into one table for each language.

A `msgid` is a symbolic key (`board.title`), its `msgstr` the sentence, with `{name}` fields. Where a sentence depends
on a number, `msgid_plural` gives the second form and `count` chooses: French says 0 and 1 in the singular. A key that
ends in `.zero` is said in place of the one before it where nothing is counted.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Final

from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALE: Final = Path(__file__).parent.parent / "locale"
LANGUAGES: Final = ("fr", "en")
"""Languages of the pages."""
SPOKEN: Final = (*LANGUAGES, "nl")
"""Languages of the command line and of what a file is told."""
DEFAULT: Final = LANGUAGES[0]


@dataclass(frozen=True)
class Words:
    """The words of one language: call it with a key, and with the values of the sentence's fields."""

    language: str
    table: Mapping[str, tuple[str, ...]]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the sentence of that key; a `KeyError` names the key and the language that lack it.

        `count` is an integer: it chooses between singular and plural, and `{count}` is written as the language does.
        """
        count = values.get("count")
        # « Aucune structure » reads better than « 0 structure », where there are words for it.
        forms = self.table.get(f"{key}.zero") if count == 0 else None
        forms = forms or self.table.get(key)
        if forms is None:
            raise KeyError(f"{key}: no such words in {self.language}")
        form = forms[0]
        if isinstance(count, int):
            if len(forms) > 1 and Locale.parse(self.language).plural_form(count) != "one":
                form = forms[1]
            values["count"] = format_decimal(count, locale=self.language)
        return form.format(**values)

    def fields(self, key: str) -> frozenset[str]:
        """Return the names of the fields that a sentence may need, in any of its forms."""
        return frozenset().union(*map(_fields, self.table[key]))

    def __contains__(self, key: str) -> bool:
        """Whether the language has words for that key."""
        return key in self.table

    def either(self, *keys: str) -> str:
        """Return the first of the keys that has words: from the most particular to the most general."""
        return next((key for key in keys if key in self), keys[-1])


@cache
def _fields(form: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(form) if name is not None)


@cache
def words(language: str) -> Words:
    """Return the words of a language; a `ValueError` names a key that is given twice, and where."""
    table: dict[str, tuple[str, ...]] = {}
    for path in sorted((LOCALE / language).glob("*.po")):
        _refuse_repeats(path)
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
        for message in catalogue:
            key = message.id if isinstance(message.id, str) else message.id[0]
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            if not key or not all(forms):
                continue
            if key in table:
                raise ValueError(f"{path}: {key} stands in another file too")
            table[key] = forms
    return Words(language, table)


def _refuse_repeats(path: Path) -> None:
    """Refuse a key written twice in a file: the reader of `.po` files would keep one without a word."""
    lines = path.read_text(encoding="utf-8").splitlines()
    repeated = [
        line for line, times in Counter(line for line in lines if line.startswith("msgid ")).items() if times > 1
    ]
    if repeated:
        raise ValueError(f"{path}: {', '.join(repeated)} stands twice")
