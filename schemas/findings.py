"""Findings on an uploaded file: a closed list of codes with their severities.

The sentence of a code is in the locale, in the reader's language; a test checks that the two match.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

Fact: TypeAlias = str | int | float | tuple[float, ...] | tuple[tuple[str, float], ...] | None
"""Value of a placeholder in a sentence: a word, a number, several numbers, several with names, or nothing."""


class Severity(StrEnum):
    """Effect of a finding on its file."""

    BLOCKING = "blocking"
    """The file is refused."""
    CONFIRM = "confirm"
    """The file is accepted once the depositor has commented."""
    CORRECTED = "corrected"
    """Corrected automatically, and reported."""
    INFO = "info"


_B, _C, _R, _I = Severity.BLOCKING, Severity.CONFIRM, Severity.CORRECTED, Severity.INFO

SEVERITIES_BY_CODE: Final[Mapping[str, tuple[Severity, ...]]] = MappingProxyType(
    {
        "F01": (_B, _I), "F02": (_B,), "F03": (_R, _B), "F04": (_B,), "F05": (_B,), "F06": (_B,), "F07": (_C,),
        "F08": (_B,), "F09": (_B,), "F10": (_B,), "F11": (_I,), "F12": (_B, _I), "F13": (_C,), "F14": (_B,),
        "F15": (_R,), "F16": (_C,),
        "H01": (_B,), "H02": (_R,), "H03": (_R, _B), "H04": (_B,), "H05": (_I,), "H06": (_B,), "H07": (_C,),
        "H08": (_R,),
        "R01": (_B,), "R02": (_B, _R), "R03": (_I,), "R04": (_I,), "R05": (_R,), "R06": (_R,), "R07": (_R,),
        "R08": (_B,), "R09": (_B,),
        "C01": (_B,), "C02": (_I, _B), "C03": (_B,), "C04": (_B,), "C05": (_R, _C), "C06": (_B,), "C07": (_B,),
        "C08": (_B,), "C09": (_B,), "C10": (_C,), "C11": (_R,), "C12": (_R,), "C13": (_B,), "C14": (_B,),
        "C15": (_B,), "C16": (_R,), "C17": (_B,), "C18": (_I,), "C19": (_B,), "C20": (_C,), "C21": (_B,),
        "I01": (_B,), "I02": (_R,), "I03": (_B,), "I04": (_C,), "I05": (_B,), "I06": (_R, _B), "I07": (_B,),
        "I08": (_B,), "I09": (_B,), "I10": (_B,),
        "X01": (_B, _C), "X02": (_C,), "X03": (_B,), "X04": (_C,), "X05": (_C,), "X06": (_C, _B),
        "B01": (_B,), "B02": (_B,), "B03": (_B,), "B04": (_C,), "B05": (_C,), "B06": (_B,), "B07": (_C,),
        "B08": (_C,),
        "P01": (_B,), "P02": (_C,),
        "S01": (_B,),
    }
)  # fmt: skip
"""Allowed severities of every code, the usual one first (`C19`: a word outside a closed list)."""


@dataclass(frozen=True)
class Finding:
    """A finding on a file, in spreadsheet coordinates.

    `row` counts from 1 at the first line of the file, `column` is the spreadsheet's letter and `header` the name of the
    column as typed. `values` are the placeholders of the locale's sentence. `count` is the number of cells with the
    same cause (`group`) when only a sample of them is listed.
    """

    code: str
    severity: Severity
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    header: str | None = None
    value: str | None = None
    suggestion: str | None = None
    count: int = 1
    values: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a code or a severity outside the closed list."""
        if self.severity not in SEVERITIES_BY_CODE[self.code]:
            raise ValueError(f"{self.code} cannot be {self.severity}")

    @property
    def group(self) -> str:
        """Key of the cause: findings that share it are shown on one line."""
        cause = f"{self.code}.{self.values['cause']}" if "cause" in self.values else self.code
        return cause if self.header is None else f"{cause}:{self.header}"
