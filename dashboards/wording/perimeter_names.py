"""Names of perimeters, as they read inside a sentence."""

import re
from typing import Final

from dashboards.wording.translations import Translator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.snapshot import Snapshot

GROUP_NAME: Final = re.compile(r"(?:le )?group", re.IGNORECASE)
"""Names of groups that already contain the word « groupe »."""


def name_perimeter(t: Translator, snapshot: Snapshot, perimeter: Perimeter) -> str:
    """Return a perimeter's name as it reads inside a sentence; an `UnknownError` for a structure that is not known."""
    match perimeter.level:
        case Level.NETWORK:
            return t("perimeter.network")
        case Level.STRUCTURE:
            return snapshot.structures[perimeter.name].name
        case Level.CHOICE:
            return t("perimeter.choice", count=len(perimeter.chosen))
        case Level.GROUP:
            name = snapshot.structures.group_names[perimeter.name]
            return name if GROUP_NAME.match(name) else t("perimeter.group", name=name)
        case Level.KIND:
            return t("perimeter.kind", kind=t(f"kind.{perimeter.name}"))
        case Level.REGION:
            region = snapshot.regions.get(perimeter.name)
            return t("perimeter.region", name=region.name(t.language) if region else perimeter.name)


def capitalize_name(name: str) -> str:
    """Return a name as it stands in a title: with a capital, the rest as it is written."""
    return name[:1].upper() + name[1:]
