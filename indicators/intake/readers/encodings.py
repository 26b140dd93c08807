"""One-byte encodings: whether a text that is no UTF-8 is Windows' own, or one of DOS or of an old Mac.

Every byte is a letter or a sign in each of them, so nothing fails when the wrong one is taken: « Régie » in DOS letters
comes out as « R‚gie ». What betrays it is a sign where people write a letter, or a small letter among capitals. A text
that cannot be Windows' is refused; a word that may be either is asked about, with what it would be in the other.
"""

import re
from typing import Final

WINDOWS: Final = "cp1252"
OTHERS: Final = ("cp850", "mac_roman")
"""DOS in Western Europe (the letters of its predecessor, code page 437, are the same) and the Mac before 2001."""
LOST: Final = "\ufffd"

_SMALL: Final = "a-zàâäæçéèêëîïíóôöœùûüúÿñáå"
_CAPITAL: Final = "A-ZÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸÑ"
_LETTER: Final = _SMALL + _CAPITAL
_WITH_O: Final = (
    "CÔT|CÔN|TÔT|PÔT|HÔT|HÔP|RÔL|PÔL|TÔL|EÔL|HÔM|DÔM|PLÔM|PTÔM|NTÔM|RÔM|NÔM|RÔN|HÔN|AÔN|CLÔT|LÔN|NÔT|VÔT|RÔT|MÔL"
    "|JÔL|LLÔ"
)
"""Where French has a circumflex on an o, in capitals: elsewhere DOS has an È."""
_ACCENTED_CAPITAL: Final = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜŒŸŠŽ"

IMPOSSIBLE: Final = re.compile(
    LOST
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
"""What no text of Western Europe holds once it is read as Windows': it was written otherwise."""
NOT_HARMLESS: Final = re.compile("[^\x00-\x7fàâäæçéèêëîïôöœùûüÿñ’«»°²³·–—…\u00a0]")
"""Signs one of which stands in all that is impossible."""
REACH: Final = 3
"""Characters round such a sign in which what is impossible begins and ends."""
DOUBTFUL: Final = re.compile(
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
"""What may be Windows' or not: asked about where another encoding makes a word of it."""
_WORD: Final = re.compile("[^\\s;,|]*[^\x00-\x7f][^\\s;,|]*")
_SOUND: Final = re.compile(rf"(?:[{_SMALL}{_CAPITAL}'’.,:()/°«»…\d-]|œ)+")
_ONE_CASE: Final = re.compile(f"[^{_SMALL}]*|[^{_CAPITAL}]*|[^{_LETTER}]*[{_CAPITAL}][^{_CAPITAL}]*")


def read_as_windows(content: bytes) -> str:
    """Return one-byte text read as Windows', the bytes that mean nothing there as U+FFFD."""
    return content.decode(WINDOWS, errors="replace")


def impossible_place(text: str) -> int | None:
    """Return where a text read as Windows' shows that it was written in another encoding, counted in characters."""
    # Nearly all letters beyond ASCII are harmless: only the surroundings of the others are looked at.
    for sign in NOT_HARMLESS.finditer(text):
        found = IMPOSSIBLE.search(text, max(0, sign.start() - REACH), sign.end() + REACH)
        if found is not None and IMPOSSIBLE.match(text, found.start()):
            return found.start() + (found[0][:1].isascii() and len(found[0]) > 1)
    return None


SIGNS: Final = tuple(sign.encode() for sign in "ƒˆ˜¯†‡‚„‹›‰ŠšŽžÕ•™¤¥¶¡¿")
"""Signs by which a text that is UTF-8 may show that it was read in the wrong letters before."""


_ASCII: Final = bytes(range(128))


def beyond_ascii(content: bytes) -> bytes:
    """Return the bytes of a text in UTF-8 that are not ASCII: its other letters, one behind the other.

    They are few. One pass of a large file leaves what each sign is then looked for in.
    """
    return b"" if content.isascii() else content.translate(None, _ASCII)


def has_sign_of_other_letters(letters: bytes) -> bool:
    """Whether, `beyond_ascii`, a text holds a sign that misread letters of DOS or of an old Mac become."""
    return any(sign in letters for sign in SIGNS)


def has_doubt(text: str) -> bool:
    """Whether something in a text read as Windows' may have been a letter of another encoding."""
    return DOUBTFUL.search(text) is not None


def in_other_letters(text: str, *, windows: bool = True) -> str | None:
    """Return a text as the other encoding that makes words of it would have it; nothing if it is sound or none does.

    Where nothing confirms that it is of Windows (`windows`), what may be a letter of another encoding counts too.
    """
    if IMPOSSIBLE.search(text) is None and not (windows and has_doubt(text)):
        return None
    for encoding in OTHERS:
        try:
            other = text.encode(WINDOWS).decode(encoding)
        except UnicodeError:
            continue
        words = _WORD.findall(other)
        if words and all(_SOUND.fullmatch(word) and _ONE_CASE.fullmatch(word) for word in words):
            return other
    return None
