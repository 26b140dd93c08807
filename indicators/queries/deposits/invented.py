"""Whether a store holds nothing but what is invented."""

from typing import Final

from indicators.definitions.perimeters import INVENTED
from indicators.network import Reading, question

SHOWN: Final = 3
"""Names that are enough to recognise a network by."""


def names_not_invented(reading: Reading) -> list[str]:
    """Return names, of three structures at most, that say not that they are invented; those withdrawn count too."""
    found = reading.cursor.frame(question("real_names"), invented=INVENTED, shown=SHOWN)
    return found["name"].to_list()
