"""The catalogue: every indicator is one TOML file of facts named by its id, read once into a frozen type.

A key that is unknown, missing or wrong stops the reading with the file and the key.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from indicators.cached import cached_property
from indicators.definitions.periods import Frequency, Period
from indicators.errors import CatalogueError, UnknownError
from schemas.structures import KINDS

FAMILIES = (
    "insertion",
    "contracts",
    "actions",
    "participation",
    "people",
    "training",
    "work",
    "quality",
    "school",
    "resources",
)
"""Folders of the catalogue, in the order of the board."""


class Audience(StrEnum):
    """Who may see a figure; each also sees what the ones before it see."""

    PUBLIC = "public"
    NETWORK = "network"
    MANAGEMENT = "management"

    def sees(self, other: "Audience") -> bool:
        """Whether this reader may see what is meant for `other`."""
        return _RANKS[other] <= _RANKS[self]

    @property
    def of_others(self) -> "Audience":
        """What this reader may see of structures that are not its own: nobody manages them all."""
        return Audience.NETWORK if self is Audience.MANAGEMENT else self


_RANKS: Final = {audience: rank for rank, audience in enumerate(Audience)}
"""A page asks thousands of times who sees what."""


class Direction(StrEnum):
    """What a rise means: better, worse, only good inside a band, or nothing."""

    UP = "up"
    DOWN = "down"
    BAND = "band"
    NONE = "none"


class CaseKind(StrEnum):
    """What one case of an indicator is, which decides what may be said of its counts (METHODS 2.3)."""

    PEOPLE = "people"
    """Independent persons: a rate of them has an interval, a funnel, a CUSUM, and may be of too few to be judged."""
    EPISODES = "episodes"
    """Several of one person, such as half-days of absence: they are not independent, and no test is made of counts."""
    CENSUS = "census"
    """Every seat of a board, every action of a plan: the figure is the fact, of however few."""
    AMOUNT = "amount"
    """Hours, euros, full-time equivalents: measured, not counted one by one."""


CASE_KINDS: Final[Mapping[str, CaseKind]] = {
    "people": CaseKind.PEOPLE,
    "half_days": CaseKind.EPISODES,
    "events": CaseKind.EPISODES,
    "acts": CaseKind.CENSUS,
    "items": CaseKind.CENSUS,
    "seats": CaseKind.CENSUS,
    "euros": CaseKind.AMOUNT,
    "fte": CaseKind.AMOUNT,
    "hours": CaseKind.AMOUNT,
    "months": CaseKind.AMOUNT,
}
"""What one case is, by what an indicator is counted in: a sheet that is counted in anything else is refused."""


class Facts(BaseModel):
    """A table of an indicator sheet: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(Facts):
    """One text in each language; Dutch falls back on English where it is not given."""

    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)
    nl: str | None = None

    def __call__(self, language: str) -> str:
        """Return the text in `fr`, `en` or `nl`."""
        return {"fr": self.fr, "en": self.en, "nl": self.nl or self.en}[language]


class Short(Words):
    """A label for tiles and charts."""

    fr: str = Field(min_length=1, max_length=28)
    en: str = Field(min_length=1, max_length=28)


class Disclosure(Facts):
    """How the indicator's small counts are protected (METHODS 6.1)."""

    subject: Literal["people", "activity"]
    minimum_denominator: int = Field(ge=0)
    shown_extremes: tuple[Literal["none", "full"], ...]
    shown_complement: bool = False
    """Whether a few people outside the numerator harm nobody: who is not satisfied cannot be told from who is."""
    stated_rates_until: int | None = Field(default=None, ge=1950, le=2100)
    """Last year of which a rate may be public without the counts behind it, since it was published on paper by those
    concerned; a later one never is."""

    @model_validator(mode="after")
    def _of_people(self) -> "Disclosure":
        if self.subject != "people" and (self.shown_complement or self.stated_rates_until is not None):
            raise ValueError("shown_complement, stated_rates_until: only with subject = people")
        return self


class Reference(Facts):
    """A target that is not a perimeter's own: set by a law, a circular or the network, at some time."""

    value: float
    starts: date = Field(alias="from")
    ends: date | None = Field(alias="to", default=None)
    status: Literal["historic", "current"]
    origin: Words


class Indicator(Facts):
    """An indicator sheet. `value = numerator / denominator × scale`, or the numerator where there is no denominator."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    family: str
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    valid_from: date
    """First day of the definition: of the version's first number, which a correction or a precision leaves alone."""
    next_review: date
    reviewer: Literal["quality"] = "quality"
    """Role of who reviews the sheet by then: the quality manager of the network, for all of them."""
    order: int
    audience: Audience
    kinds: tuple[str, ...] = Field(min_length=1)
    frequency: Frequency
    unit: Literal["%", "FTE", "h", "n", "months", "level", "ratio", "per_million_h"]
    scale: float = Field(gt=0)
    decimals: int = Field(ge=0, le=4)
    direction: Direction
    aggregation: Literal["ratio", "sum", "last"]
    range: Annotated[tuple[float, float], Field()]
    source: Literal["reported", "derived"]
    question: str | None = None
    yearly: Literal["sum_of_quarters", "last_quarter"] | None = None
    complete_after_months: int | None = Field(default=None, ge=1, le=60)
    """How long after its period ends a cohort is still followed: until then there is no figure of it."""
    sum_of: tuple[str, ...] = ()
    population: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    """Name of the whole its denominator counts, where other indicators of the same period count the same one."""
    counted_in: str
    """What its cases are, one of `CASE_KINDS`."""
    numerator_whole: bool
    denominator_required: bool
    disclosure: Disclosure
    parameters: Mapping[str, str | int | float | bool | date]
    label: Words
    short: Short
    question_answered: Words
    numerator: Words
    denominator: Words
    inclusions: Words
    exclusions: Words
    does_not_say: Words
    norm: Words
    targets: tuple[Reference, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "Indicator":
        if self.family not in FAMILIES:
            raise ValueError(f"family: the folder must be one of {', '.join(FAMILIES)}")
        if self.counted_in not in CASE_KINDS:
            raise ValueError(f"counted_in: {self.counted_in} is none of {', '.join(CASE_KINDS)}")
        if self.population and not self.denominator_required:
            raise ValueError("population: only with denominator_required = true")
        if unknown := set(self.kinds) - {*KINDS, "*"}:
            raise ValueError(f"kinds: unknown {', '.join(sorted(unknown))}")
        if (self.source == "derived") != (self.question is not None):
            raise ValueError("question: given with source = derived, and only then")
        if (self.frequency is Frequency.QUARTER) != (self.yearly is not None):
            raise ValueError("yearly: given with frequency = quarter, and only then")
        if "pooled_cohorts" in self.parameters and not (
            isinstance(self.parameters["pooled_cohorts"], int) and self.pooled >= 1
        ):
            raise ValueError("parameters.pooled_cohorts: a whole number from 1")
        if self.pooled > 1 and (self.aggregation != "ratio" or self.stock):
            raise ValueError("parameters.pooled_cohorts: only with aggregation = ratio")
        return self

    def applies_to(self, kind: str) -> bool:
        """Whether structures of that kind report the indicator."""
        return "*" in self.kinds or kind in self.kinds

    @property
    def case_kind(self) -> CaseKind:
        """What one of its cases is."""
        return CASE_KINDS[self.counted_in]

    @property
    def sampled(self) -> bool:
        """Whether it is a rate of people: a part of a whole of independent persons, in which chance has a share."""
        return (
            self.case_kind is CaseKind.PEOPLE and self.capped and self.numerator_whole and self.aggregation == "ratio"
        )

    @property
    def judged_by_size(self) -> bool:
        """Whether it may be of too few cases to be judged: a rate per person is, a complete count never."""
        return self.case_kind is CaseKind.PEOPLE and self.aggregation == "ratio"

    @property
    def stock(self) -> bool:
        """Whether it counts what there is at the end of a period, so that two periods are never added up."""
        return self.aggregation == "last" or self.yearly == "last_quarter"

    @property
    def redefined_on(self) -> date | None:
        """First day of the present definition where another came before it: a break in every series (METHODS 9)."""
        return self.valid_from if int(self.version.partition(".")[0]) > 1 else None

    def redefined_within(self, first: date, last: date) -> bool:
        """Whether its definition changed after the first of two days and not after the last."""
        return self.redefined_on is not None and first < self.redefined_on <= last

    @property
    def pooled(self) -> int:
        """How many cohorts its figure adds up: that of its period and those just before."""
        return int(str(self.parameters.get("pooled_cohorts", 1)))

    def followed_until(self, period: Period) -> date | None:
        """Return the last day on which the cohort of a period is followed, where the sheet says how long it is."""
        if self.complete_after_months is None:
            return None
        months = (period.end + timedelta(days=1)).month - 1 + self.complete_after_months
        year = (period.end + timedelta(days=1)).year + months // 12
        return date(year, months % 12 + 1, 1) - timedelta(days=1)

    @property
    def capped(self) -> bool:
        """Whether the numerator is a part of the denominator, so never above it."""
        return self.denominator_required and self.range[1] == self.scale


@dataclass(frozen=True)
class Catalogue:
    """All the indicator sheets, in the order of the board, and a digest that changes with any of them."""

    indicators: Mapping[str, Indicator]
    digest: str

    def __getitem__(self, indicator: str) -> Indicator:
        """Return the sheet of that id; an `UnknownError` if there is none."""
        try:
            return self.indicators[indicator]
        except KeyError:
            raise UnknownError("indicator", indicator) from None

    def __iter__(self) -> Iterator[Indicator]:
        """Go through the sheets in the order of the board."""
        return iter(self.indicators.values())

    def __len__(self) -> int:
        """Count the sheets."""
        return len(self.indicators)

    def seen_by(self, audience: Audience) -> list[Indicator]:
        """Return the sheets whose figures that reader may see."""
        return [indicator for indicator in self if audience.sees(indicator.audience)]

    def linked(self, indicators: Iterable[str]) -> list[str]:
        """Return the ids given and those whose counts a sum links to theirs, in the order of the board."""
        asked = set(indicators)
        for total, parts in self.sums.items():
            if asked & {total, *parts}:
                asked |= {total, *parts}
        return [name for name in self.indicators if name in asked]

    @cached_property
    def sums(self) -> Mapping[str, tuple[str, ...]]:
        """Indicators whose numerator is the sum of others', with those others."""
        return {indicator.id: indicator.sum_of for indicator in self if indicator.sum_of}


def read_indicator(path: Path) -> Indicator:
    """Read one sheet; a `CatalogueError` names the file and the key."""
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        if given := facts.keys() & {"id", "family"}:
            raise CatalogueError(f"{path}: {min(given)}: the name of the file and of its folder say it")
        return Indicator.model_validate({**facts, "id": path.stem, "family": path.parent.name})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as unreadable:
        raise CatalogueError(f"{path}: {unreadable}") from unreadable
    except ValidationError as invalid:
        first = invalid.errors()[0]
        key = ".".join(map(str, first["loc"])) or "sheet"
        raise CatalogueError(f"{path}: {key}: {first['msg']}") from invalid


def read_catalogue(folder: Path) -> Catalogue:
    """Read every `<family>/<id>.toml` below `folder`."""
    read = {path: read_indicator(path) for path in sorted(folder.glob("*/*.toml"))}
    if not read:
        raise CatalogueError(f"{folder}: no indicator sheet found")
    sheets = sorted(read.values(), key=lambda sheet: (FAMILIES.index(sheet.family), sheet.order, sheet.id))
    indicators = {sheet.id: sheet for sheet in sheets}
    for path, sheet in read.items():
        if unknown := set(sheet.sum_of) - set(indicators):
            raise CatalogueError(f"{path}: sum_of: unknown {', '.join(sorted(unknown))}")
    if len(indicators) < len(read):
        raise CatalogueError(f"{folder}: the same indicator stands in two families")
    digest = sha256(b"".join(path.read_bytes() for path in read)).hexdigest()[:12]
    return Catalogue(indicators, digest)
