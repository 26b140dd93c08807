"""The catalogue of indicators: one TOML sheet per indicator, named by its id and read once into a frozen type.

An unknown, missing or invalid key raises a `CatalogueError` that names the file and the key.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
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
from schemas.structures import STRUCTURE_KINDS

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
"""Families of indicators (folders of the catalogue), in the order of the board."""


class Audience(StrEnum):
    """Reader groups; each also sees what the ones before it see."""

    PUBLIC = "public"
    NETWORK = "network"
    MANAGEMENT = "management"

    def sees(self, other: "Audience") -> bool:
        """Whether this reader may see what is meant for `other`."""
        return _RANKS[other] <= _RANKS[self]


_RANKS: Final = {audience: rank for rank, audience in enumerate(Audience)}
"""A page asks thousands of times who sees what."""


class Direction(StrEnum):
    """Which direction is better: up, down, inside a band, or neither."""

    UP = "up"
    DOWN = "down"
    BAND = "band"
    NONE = "none"


class CaseKind(StrEnum):
    """What an indicator counts, which decides the statistical tests that apply to its counts (METHODS 2.3)."""

    PEOPLE = "people"
    """Independent persons: a rate of them has an interval, a funnel, a CUSUM, and may be of too few to be judged."""
    EPISODES = "episodes"
    """Several per person, such as half-days of absence: not independent, and therefore never tested."""
    CENSUS = "census"
    """A complete count, such as the seats of a board or the actions of a plan: exact, however small."""
    AMOUNT = "amount"
    """Hours, euros, full-time equivalents: measured, not counted one by one."""


CASE_KIND_BY_UNIT: Final[Mapping[str, CaseKind]] = {
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
"""Case kind by the unit in which an indicator is counted (`counted_in`); a sheet with any other unit is refused."""


class CatalogueModel(BaseModel):
    """Base of the models of an indicator sheet: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LocalizedText(CatalogueModel):
    """A text in each language; Dutch falls back on English."""

    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)
    nl: str | None = None

    def __call__(self, language: str) -> str:
        """Return the text in `fr`, `en` or `nl`."""
        return {"fr": self.fr, "en": self.en, "nl": self.nl or self.en}[language]


class ShortLabel(LocalizedText):
    """A label for tiles and charts."""

    fr: str = Field(min_length=1, max_length=28)
    en: str = Field(min_length=1, max_length=28)


class DisclosureSettings(CatalogueModel):
    """Settings of disclosure control for an indicator's small counts (METHODS 6.1)."""

    subject: Literal["people", "activity"]
    minimum_denominator: int = Field(ge=0)
    shown_extremes: tuple[Literal["none", "full"], ...]
    shown_complement: bool = False
    """Whether a small complement may be shown because it identifies no person: who is not satisfied is not known."""
    stated_rates_until: int | None = Field(default=None, ge=1950, le=2100)
    """Last year whose rates may be public without their counts, because the structures published them on paper; later
    ones never are."""

    @model_validator(mode="after")
    def _of_people(self) -> "DisclosureSettings":
        if self.subject != "people" and (self.shown_complement or self.stated_rates_until is not None):
            raise ValueError("shown_complement, stated_rates_until: only with subject = people")
        return self


class ReferenceTarget(CatalogueModel):
    """A target set for all perimeters by a law, a circular or the network, with its dates."""

    value: float
    starts: date = Field(alias="from")
    ends: date | None = Field(alias="to", default=None)
    status: Literal["historic", "current"]
    origin: LocalizedText


class Indicator(CatalogueModel):
    """An indicator sheet. `value = numerator / denominator × scale`, or the numerator where there is no denominator."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    family: str
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    valid_from: date
    """First day of the present definition, the major version; corrections and precisions do not change it."""
    next_review: date
    reviewer: Literal["quality"] = "quality"
    """Role that reviews the sheet by then: the quality manager of the network for all sheets."""
    order: int
    audience: Audience
    kinds: tuple[str, ...] = Field(min_length=1)
    formulas: tuple[tuple[str, ...], ...] = ()
    """Its kinds, those that count by one formula together, where the formula is not the same for all of them."""
    frequency: Frequency
    unit: Literal["%", "FTE", "h", "n", "months", "level", "ratio", "per_million_h"]
    scale: float = Field(gt=0)
    decimals: int = Field(ge=0, le=4)
    direction: Direction
    aggregation: Literal["ratio", "sum", "last"]
    range: Annotated[tuple[float, float], Field()]
    source: Literal["reported", "derived"]
    question: str | None = None
    counted_from: Literal["instances", "participation"] | None = None
    """Register that counts the figure of a year of which its rows say what is needed; else what is reported holds."""
    yearly: Literal["sum_of_quarters", "last_quarter"] | None = None
    complete_after_months: int | None = Field(default=None, ge=1, le=60)
    """Months of follow-up after the end of a cohort's period; there is no figure before."""
    sum_of: tuple[str, ...] = ()
    population: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    """Name of the population in its denominator, where other indicators of the same period share it."""
    counted_in: str
    """Unit of its cases, a key of `CASE_KIND_BY_UNIT`."""
    numerator_whole: bool
    denominator_required: bool
    disclosure: DisclosureSettings
    parameters: Mapping[str, str | int | float | bool | date]
    label: LocalizedText
    short: ShortLabel
    question_answered: LocalizedText
    numerator: LocalizedText
    denominator: LocalizedText
    inclusions: LocalizedText
    exclusions: LocalizedText
    does_not_say: LocalizedText
    norm: LocalizedText
    targets: tuple[ReferenceTarget, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "Indicator":
        if self.family not in FAMILIES:
            raise ValueError(f"family: the folder must be one of {', '.join(FAMILIES)}")
        if self.counted_in not in CASE_KIND_BY_UNIT:
            raise ValueError(f"counted_in: {self.counted_in} is none of {', '.join(CASE_KIND_BY_UNIT)}")
        if self.population and not self.denominator_required:
            raise ValueError("population: only with denominator_required = true")
        if unknown := set(self.kinds) - {*STRUCTURE_KINDS, "*"}:
            raise ValueError(f"kinds: unknown {', '.join(sorted(unknown))}")
        if self.formulas and sorted(kind for kinds in self.formulas for kind in kinds) != sorted(self.kinds):
            raise ValueError("formulas: each of its kinds once, by the formula that it counts by")
        if (self.source == "derived") != (self.question is not None):
            raise ValueError("question: given with source = derived, and only then")
        if self.counted_from and (self.source == "derived" or self.frequency is not Frequency.YEAR):
            raise ValueError("counted_from: only with source = reported and frequency = year")
        if (self.frequency is Frequency.QUARTER) != (self.yearly is not None):
            raise ValueError("yearly: given with frequency = quarter, and only then")
        if "pooled_cohorts" in self.parameters and not (
            isinstance(self.parameters["pooled_cohorts"], int) and self.pooled_cohorts >= 1
        ):
            raise ValueError("parameters.pooled_cohorts: a whole number from 1")
        if self.pooled_cohorts > 1 and (self.aggregation != "ratio" or self.is_stock):
            raise ValueError("parameters.pooled_cohorts: only with aggregation = ratio")
        return self

    def __hash__(self) -> int:
        """Hash the id alone: sheets are keys of caches, and the hash of all their texts takes longer than an answer."""
        return hash(self.id)

    def applies_to(self, kind: str) -> bool:
        """Whether structures of a kind report the indicator."""
        return "*" in self.kinds or kind in self.kinds

    def count_formulas(self, kinds: Collection[str]) -> int:
        """Count the formulas by which structures of some kinds report it: over more than one it is not added up."""
        return sum(any(kind in kinds for kind in formula) for formula in self.formulas) or 1

    @property
    def case_kind(self) -> CaseKind:
        """The kind of its cases."""
        return CASE_KIND_BY_UNIT[self.counted_in]

    @property
    def is_rate_of_people(self) -> bool:
        """Whether it is a rate of people: a proportion of independent persons, subject to chance."""
        return (
            self.case_kind is CaseKind.PEOPLE
            and self.is_capped
            and self.numerator_whole
            and self.aggregation == "ratio"
        )

    @property
    def needs_enough_cases(self) -> bool:
        """Whether a minimum of cases is needed to judge it: true for rates per person, never for a complete count."""
        return self.case_kind is CaseKind.PEOPLE and self.aggregation == "ratio"

    @property
    def is_stock(self) -> bool:
        """Whether it is a stock at the end of a period: two periods are never added up."""
        return self.aggregation == "last" or self.yearly == "last_quarter"

    @property
    def redefined_on(self) -> date | None:
        """First day of the present definition if there was an earlier one: a break in every series (METHODS 9)."""
        return self.valid_from if int(self.version.partition(".")[0]) > 1 else None

    def redefined_within(self, first: date, last: date) -> bool:
        """Whether its definition changed after the first day and no later than the last."""
        return self.redefined_on is not None and first < self.redefined_on <= last

    @property
    def pooled_cohorts(self) -> int:
        """Number of cohorts in one figure: that of its period and those just before."""
        return int(str(self.parameters.get("pooled_cohorts", 1)))

    def followed_until(self, period: Period) -> date | None:
        """Return the last day of follow-up of a period's cohort; `None` if the sheet sets no follow-up."""
        if self.complete_after_months is None:
            return None
        months = (period.end + timedelta(days=1)).month - 1 + self.complete_after_months
        year = (period.end + timedelta(days=1)).year + months // 12
        return date(year, months % 12 + 1, 1) - timedelta(days=1)

    @property
    def is_capped(self) -> bool:
        """Whether the numerator is a part of the denominator and never exceeds it."""
        return self.denominator_required and self.range[1] == self.scale


@dataclass(frozen=True)
class Catalogue:
    """All indicator sheets in the order of the board, with a digest of their files."""

    indicators: Mapping[str, Indicator]
    digest: str

    def __getitem__(self, indicator: str) -> Indicator:
        """Return the sheet of an id; an `UnknownError` if there is none."""
        try:
            return self.indicators[indicator]
        except KeyError:
            raise UnknownError("indicator", indicator) from None

    def __iter__(self) -> Iterator[Indicator]:
        """Iterate over the sheets in the order of the board."""
        return iter(self.indicators.values())

    def __len__(self) -> int:
        """Count the sheets."""
        return len(self.indicators)

    def visible_to(self, audience: Audience) -> list[Indicator]:
        """Return the sheets whose figures an audience may see."""
        return [indicator for indicator in self if audience.sees(indicator.audience)]

    def with_linked(self, indicators: Iterable[str]) -> list[str]:
        """Return the given ids and those linked to them by a sum (`sum_of`), in the order of the board."""
        linked_ids = set(indicators)
        for total, parts in self.sums.items():
            if linked_ids & {total, *parts}:
                linked_ids |= {total, *parts}
        return [name for name in self.indicators if name in linked_ids]

    @cached_property
    def sums(self) -> Mapping[str, tuple[str, ...]]:
        """Terms of each indicator whose numerator is the sum of other indicators' numerators."""
        return {indicator.id: indicator.sum_of for indicator in self if indicator.sum_of}


def read_indicator(path: Path) -> Indicator:
    """Read one sheet; a `CatalogueError` names the file and the key."""
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        if redundant := facts.keys() & {"id", "family"}:
            raise CatalogueError(f"{path}: {min(redundant)}: the name of the file and of its folder say it")
        return Indicator.model_validate({**facts, "id": path.stem, "family": path.parent.name})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as unreadable:
        raise CatalogueError(f"{path}: {unreadable}") from unreadable
    except ValidationError as invalid:
        first = invalid.errors()[0]
        key = ".".join(map(str, first["loc"])) or "sheet"
        raise CatalogueError(f"{path}: {key}: {first['msg']}") from invalid


def read_catalogue(folder: Path) -> Catalogue:
    """Read every `<family>/<id>.toml` below `folder`."""
    sheet_by_path = {path: read_indicator(path) for path in sorted(folder.glob("*/*.toml"))}
    if not sheet_by_path:
        raise CatalogueError(f"{folder}: no indicator sheet found")
    sheets = sorted(sheet_by_path.values(), key=lambda sheet: (FAMILIES.index(sheet.family), sheet.order, sheet.id))
    indicators = {sheet.id: sheet for sheet in sheets}
    for path, sheet in sheet_by_path.items():
        if unknown := set(sheet.sum_of) - set(indicators):
            raise CatalogueError(f"{path}: sum_of: unknown {', '.join(sorted(unknown))}")
    if len(indicators) < len(sheet_by_path):
        raise CatalogueError(f"{folder}: the same indicator stands in two families")
    digest = sha256(b"".join(path.read_bytes() for path in sheet_by_path)).hexdigest()[:12]
    return Catalogue(indicators, digest)
