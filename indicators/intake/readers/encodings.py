"""Detection of the one-byte encoding of a text that is not UTF-8: Windows-1252, DOS or old Mac.

Every byte is a letter or a sign in each of them: the wrong encoding raises no error, and « Régie » in DOS letters
becomes « R‚gie ». It shows by a sign in place of a letter, or a small letter among capitals. A text that cannot be
Windows-1252 is refused; a word that may be either is reported, with its reading in the other encoding.
"""

import re
from typing import Final

WINDOWS_ENCODING: Final = "cp1252"
OTHER_ENCODINGS: Final = ("cp850", "mac_roman")
"""DOS in Western Europe (the letters of its predecessor, code page 437, are the same) and the Mac before 2001."""
REPLACEMENT_CHAR: Final = "\ufffd"

_SMALL: Final = "a-zàâäæçéèêëîïíóôöœùûüúÿñáå"
_CAPITAL: Final = "A-ZÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸÑ"
_LETTER: Final = _SMALL + _CAPITAL
_WITH_O: Final = (
    "CÔT|CÔN|TÔT|PÔT|HÔT|HÔP|RÔL|PÔL|TÔL|EÔL|HÔM|DÔM|PLÔM|PTÔM|NTÔM|RÔM|NÔM|RÔN|HÔN|AÔN|CLÔT|LÔN|NÔT|VÔT|RÔT|MÔL"
    "|JÔL|LLÔ"
)
"""Where French has a circumflex on an o, in capitals: elsewhere DOS has an È."""
_ACCENTED_CAPITAL: Final = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜŒŸŠŽ"

IMPOSSIBLE_IN_WINDOWS: Final = re.compile(
    REPLACEMENT_CHAR
    # Signs that people do not type: an f or a circumflex standing alone, daggers, a macron.
    + "|[ƒˆ˜¯†‡]"
    # Signs where a letter stands: « R‚gie », « b“timent », « No‰l », « fran€ais », « n¡ 4 ».
    + f"|[{_LETTER}][‚„“”•™‹›‰€¤¢£¥¦§¨©¬±¶¸×÷][{_LETTER}]"
    + f"|‚[{_LETTER}]|[{_LETTER}][‚¡¿]|(?<![{_LETTER}\\d])[×¶€‰][{_LETTER}]|(?<![{_LETTER}])[Žž](?![{_LETTER}])"
    # A capital inside a word of small letters, or behind a figure: « Žl¸ve », « maŒtre », « 12Ê000 ».
    + f"|[{_SMALL}][{_ACCENTED_CAPITAL}][{_SMALL}]|[Žž][{_SMALL}]?[Žž]|[{_SMALL}\\d][ÊËÈÕÇ](?![{_CAPITAL}])"
    # Capital letters that are none of ours, before small ones: the apostrophe of « lÕinsertion ».
    + f"|[{_LETTER}]Õ|Õ[{_LETTER}]"
)
"""What no Western European text contains when decoded as Windows-1252: it was written in another encoding."""
SUSPECT_SIGNS: Final = re.compile("[^\x00-\x7fàâäæçéèêëîïôöœùûüÿñ’«»°²³·–—…\u00a0]")
"""Characters of which every impossible sequence contains one."""
CONTEXT_CHARS: Final = 3
"""Characters around such a sign that the impossible sequence spans at most."""
AMBIGUOUS_IN_WINDOWS: Final = re.compile(
    # Small letters among capitals: « RELéVE » may be RELÈVE on a Mac, or typed so with the capitals locked.
    f"[A-Z][{_ACCENTED_CAPITAL.lower()}ßðþ]+(?=[A-Z])|[A-Z]{{2}}[{_ACCENTED_CAPITAL.lower()}](?![{_LETTER}])"
    f"|(?<![{_LETTER}])[{_ACCENTED_CAPITAL.lower()}](?=[A-Z]{{2}})"
    # Letters that are rare here, inside a word: « cožt » is coût on a Mac, « RELÔVE » RELÈVE in DOS.
    f"|[{_SMALL}][šž]|[šž][{_SMALL}]|[A-ZŠ]?Ž[{_SMALL}]|[{_CAPITAL}][ÓÒØÃÐÌ·¶¸]"
    f"|(?<![{_LETTER}])(?=[{_CAPITAL}]+Ô)(?![{_CAPITAL}]*(?:{_WITH_O}))[{_CAPITAL}]+"
    # The first letter of a word: « ëlot » is Îlot on a Mac, « Îuvre » Œuvre.
    f"|(?<![{_LETTER}])(?:[ëåï][{_SMALL}]|Î(?=[{_SMALL}])(?!l)|O[ôë](?![{_LETTER}]))"
    # A dash or dots where one short word has its vowel: « ao–t », « travail … domicile », « voil… ».
    f"|(?<![{_LETTER}])[{_SMALL}]{{1,2}}[–—][{_SMALL}]|[{_SMALL}][–—][{_SMALL}]{{1,2}}(?![{_LETTER}])"
    f"|(?<![{_LETTER}])(?:[oO]—|[dsm]–)(?![{_LETTER}])|(?:^|(?<=[A-Z] ))· (?=[A-Z])"
    f"|(?<=[{_SMALL}] )…(?= [{_SMALL}])|[{_SMALL}]…[{_SMALL}]|(?<![{_LETTER}])(?:l|voil|del|dej|d‚j)…"
    # A sign standing alone that is a letter elsewhere: « Ê » for a space, « nø 4 ».
    f"|(?<![{_LETTER}])[ÊËÈÇ](?![{_LETTER}])|(?<![{_LETTER}])[nN]ø|‚"
    f"|(?<![qQ])[aeiouAEIOU]‘[{_SMALL}]|[{_SMALL}]œ[ \u00a0]"
)
"""Sequences that may be Windows-1252 or not: reported where another encoding makes a word of them."""
_WORD: Final = re.compile("[^\\s;,|]*[^\x00-\x7f][^\\s;,|]*")
_PLAUSIBLE_WORD: Final = re.compile(rf"(?:[{_SMALL}{_CAPITAL}'’.,:()/°«»…\d-]|œ)+")
_ONE_CASE: Final = re.compile(f"[^{_SMALL}]*|[^{_CAPITAL}]*|[^{_LETTER}]*[{_CAPITAL}][^{_CAPITAL}]*")


def read_as_windows(content: bytes) -> str:
    """Decode a text as Windows-1252, with U+FFFD for undefined bytes."""
    return content.decode(WINDOWS_ENCODING, errors="replace")


def find_impossible(text: str) -> int | None:
    """Return the character position at which a text decoded as Windows-1252 proves to be in another encoding."""
    # Nearly all letters beyond ASCII are harmless: only the context of the others is searched.
    for sign in SUSPECT_SIGNS.finditer(text):
        match = IMPOSSIBLE_IN_WINDOWS.search(text, max(0, sign.start() - CONTEXT_CHARS), sign.end() + CONTEXT_CHARS)
        if match is not None and IMPOSSIBLE_IN_WINDOWS.match(text, match.start()):
            return match.start() + (match[0][:1].isascii() and len(match[0]) > 1)
    return None


MISREAD_SIGNS: Final = tuple(sign.encode() for sign in "ƒˆ˜¯†‡‚„‹›‰ŠšŽžÕ•™¤¥¶¡¿")
"""Signs that a UTF-8 text may contain if it was decoded wrongly before."""


_ASCII: Final = bytes(range(128))


def non_ascii_bytes(content: bytes) -> bytes:
    """Return the bytes of a UTF-8 text that are not ASCII, joined.

    They are few: one pass over a large file leaves little text in which to search each sign.
    """
    return b"" if content.isascii() else content.translate(None, _ASCII)


def has_misread_sign(non_ascii: bytes) -> bool:
    """Whether the `non_ascii_bytes` of a text contain a sign that comes from misread DOS or old Mac letters."""
    return any(sign in non_ascii for sign in MISREAD_SIGNS)


def is_ambiguous(text: str) -> bool:
    """Whether a text decoded as Windows-1252 contains a sequence that may be a letter of another encoding."""
    return AMBIGUOUS_IN_WINDOWS.search(text) is not None


def redecode(text: str, *, include_ambiguous: bool = True) -> str | None:
    """Return a text decoded in the other encoding that makes words of it; `None` if it is sound or no encoding does.

    With `include_ambiguous` (nothing confirms Windows-1252), sequences that may be either are decoded too.
    """
    if IMPOSSIBLE_IN_WINDOWS.search(text) is None and not (include_ambiguous and is_ambiguous(text)):
        return None
    for encoding in OTHER_ENCODINGS:
        try:
            redecoded = text.encode(WINDOWS_ENCODING).decode(encoding)
        except UnicodeError:
            continue
        words = _WORD.findall(redecoded)
        if words and all(_PLAUSIBLE_WORD.fullmatch(word) and _ONE_CASE.fullmatch(word) for word in words):
            return redecoded
    return None
