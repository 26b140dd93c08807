"""How an input changes: text as bytes; a workbook inside its parts, so that it stays an archive that opens."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

Mutate = Callable[[bytes, int], bytes]


def mutated(data: bytes, largest: int, seed: int, mutate: Mutate) -> bytes:
    """Change an input; one time in four the bytes of an archive themselves."""
    dice = random.Random(seed)
    if not data[1:].startswith(b"PK\x03\x04") or dice.randrange(4) == 0:
        return mutate(data, largest)
    try:
        with zipfile.ZipFile(io.BytesIO(data[1:])) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # noqa: BLE001  # an archive that Python cannot open is changed as bytes
        return mutate(data, largest)
    if not parts:
        return mutate(data, largest)
    chosen = dice.choice([name for name in parts if "sheet" in name or "content" in name] or list(parts))
    if dice.randrange(5) == 0:
        chosen = dice.choice(list(parts))
    parts[chosen] = mutate(parts[chosen], max(16, largest - sum(map(len, parts.values()))))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    packed = data[:1] + buffer.getvalue()
    return packed if len(packed) <= largest else mutate(data, largest)
