"""What the structures report: one row a structure, indicator and period, counted from the lives of `lives`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Final, Literal, TypeAlias

from .dice import Dice
from .lives import (
    ACI_SCOPE_CHANGE,
    INFLUENZA,
    LOST_CUSTOMER,
    NEW_PARTNERS,
    Life,
    base_hours,
    lives,
)
from .network import IAE, Structure
from .quarters import Quarter, quarters_of
from .typography import french, rounded, typeset

Number: TypeAlias = int | Decimal
Frequency: TypeAlias = Literal["quarter", "semester", "year", "school_year"]

NOT_COMMUNICATED: Final = "NC"
HEADER: Final = (
    "structure",
    "periode",
    "indicateur",
    "numerateur",
    "denominateur",
    "valeur",
    "segment",
    "commentaire",
)

ALL: Final = frozenset({*IAE, "EITI", "GES", "GEIQ", "CISP", "EIW", "TS", "SAP", "ECO"})
"""Every kind but RES, the head of the network, which reports its meetings only."""
IAE_CISP: Final = IAE | {"CISP"}
IAE_EITI: Final = IAE | {"EITI"}


@dataclass(frozen=True)
class Count:
    """What was counted; a count of things has no denominator. The comment is the depositor's."""

    numerator: Number
    denominator: Number | None = None
    comment: str = ""


Counting: TypeAlias = Callable[[Structure, Quarter], Count | None]
"""Counts the period that ends with this quarter; nothing where there is nothing to count."""


@dataclass(frozen=True)
class Indicator:
    """An indicator of the catalogue, as far as making its figures needs."""

    id: str
    frequency: Frequency
    kinds: frozenset[str]
    count: Counting
    decimals: int = 1
    scale: int = 100

    def period(self, quarter: Quarter) -> str | None:
        """The period that is deposited with this quarter, if one is."""
        match self.frequency:
            case "quarter":
                return str(quarter)
            case "semester" if quarter.number in (2, 4):
                return f"{quarter.year}-S{quarter.number // 2}"
            case "year" if quarter.number == 4:
                return str(quarter.year)
            case "school_year" if quarter.number == 3:
                return f"{quarter.year - 1}-{quarter.year}"
        return None


@dataclass(frozen=True)
class Measure:
    """One row of a measures file; without a count it says NC."""

    structure: str
    period: str
    indicator: Indicator
    count: Count | None

    def cells(self) -> tuple[str, ...]:
        """The row as it is written, in the order of the header."""
        if self.count is None:
            figures = (NOT_COMMUNICATED,) * 3
            comment = ""
        else:
            numerator, denominator = self.count.numerator, self.count.denominator
            value = Fraction(numerator) / Fraction(1 if denominator is None else denominator) * self.indicator.scale
            figures = (
                french(numerator),
                "" if denominator is None else french(denominator),
                french(rounded(value, self.indicator.decimals)),
            )
            comment = typeset(self.count.comment)
        return (self.structure, self.period, self.indicator.id, *figures, "ensemble", comment)


def measures(structure: Structure, quarter: Quarter) -> list[Measure]:
    """All that one structure owes with one quarter, in the order of the catalogue."""
    return [
        Measure(structure.slug, period, indicator, count)
        for indicator in INDICATORS
        if structure.kind in indicator.kinds
        and (period := indicator.period(quarter)) is not None
        and (count := indicator.count(structure, quarter)) is not None
    ]


# Quarterly counts.


def _exits(category: str, with_comment: bool = False) -> Counting:
    def count(structure: Structure, quarter: Quarter) -> Count | None:
        exits = lives(structure)[quarter].exits
        if not exits.countable:
            return None
        comment = _EXIT_STORIES.get((structure.slug, quarter), "") if with_comment else ""
        return Count(getattr(exits, category), exits.countable, comment)

    return count


_EXIT_STORIES: Final = {
    NEW_PARTNERS: "convention signée avec trois entreprises du bassin : embauches directes en fin de mission",
    LOST_CUSTOMER: "perte du principal client : moins d'immersions possibles ce trimestre",
}


def _fte(structure: Structure, quarter: Quarter) -> Count:
    return Count(lives(structure)[quarter].hours.insertion, base_hours(structure.kind))


def _contracted_fte(structure: Structure, quarter: Quarter) -> Count:
    """FTE in fractions of a year, over a quarter of those agreed for the year on the hours of the six months before."""
    annual_base = base_hours(structure.kind) * 4
    reference = year_of(structure, quarter.year - 1)[-2:] or year_of(structure, quarter.year)[1:]
    usual = Decimal(sum(life.hours.insertion for life in reference)) / len(reference) * 4 / annual_base
    margin = Decimal(str(round(Dice(structure.slug, "annex").bell(1.03, 0.02), 2)))
    agreed = (usual * margin).quantize(Decimal("0.1"))
    done = (lives(structure)[quarter].hours.insertion / annual_base).quantize(Decimal("0.01"))
    return Count(done, (agreed * 3 / 12).quantize(Decimal("0.01")))


def _absence(structure: Structure, quarter: Quarter) -> Count:
    hours = lives(structure)[quarter].hours
    comment = ""
    if structure.kind == "ACI" and quarter == ACI_SCOPE_CHANGE:
        comment = "rupture de série : les accidents du travail et les absences injustifiées sont désormais comptés"
    if (structure.slug, quarter) == INFLUENZA:
        comment = "épidémie de grippe en janvier et en février"
    return Count(hours.absent, hours.theoretical, comment)


def _training_hours(structure: Structure, quarter: Quarter) -> Count:
    hours = lives(structure)[quarter].hours
    assimilated = round(
        hours.training_delivered * Dice(structure.slug, str(quarter), "assimilated").between(0.02, 0.05)
    )
    return Count(hours.training_delivered, hours.training_approved, f"dont {assimilated} heures assimilées")


def _life(numerator: Callable[[Life], int], denominator: Callable[[Life], int]) -> Counting:
    def count(structure: Structure, quarter: Quarter) -> Count:
        life = lives(structure)[quarter]
        return Count(numerator(life), denominator(life))

    return count


# Yearly counts. The quarter given is the last of the year.


@dataclass(frozen=True)
class Habit:
    """A share by kind (`usual` for the others), how far structures stand from it, and what a year adds.

    `spread` is for a share of one half; it narrows near none and near all.
    """

    usual: float
    spread: float
    yearly: float = 0.0
    by_kind: tuple[tuple[str, float], ...] = ()

    def share(self, indicator: str, structure: Structure, year: int) -> float:
        """The share of one structure in one year, short of its extremes."""
        level = dict(self.by_kind).get(structure.kind, self.usual)
        spread = self.spread * 4 * level * (1 - level)
        own = Dice(structure.slug, indicator).bell(0, spread)
        moment = Dice(structure.slug, indicator, str(year)).bell(0, spread / 4)
        return min(max(level + own + moment + self.yearly * (year - 2024), 0.01), 0.985)


HABITS: Final = {
    "women_share": Habit(
        0.45,
        0.09,
        0.004,
        (
            ("AI", 0.62),
            ("EI", 0.26),
            ("ETTI", 0.27),
            ("EITI", 0.18),
            ("GEIQ", 0.24),
            ("GES", 0.63),
            ("SAP", 0.93),
            ("TS", 0.955),
            ("EIW", 0.34),
            ("CISP", 0.36),
        ),
    ),
    "minimum_income_share": Habit(0.34, 0.05, -0.006, (("ACI", 0.55), ("AI", 0.29), ("ETTI", 0.27), ("CISP", 0.33))),
    "training_access_rate": Habit(0.48, 0.08, 0.022, (("AI", 0.31), ("ETTI", 0.34), ("TS", 0.56))),
    "skills_certificate_rate": Habit(0.42, 0.10, 0.045, (("CISP", 0.66), ("ETTI", 0.33))),
    "employment_rate_6m": Habit(0.46, 0.04, 0.008, (("ETTI", 0.55), ("ACI", 0.39), ("CISP", 0.41), ("ECO", 0.63))),
    "follow_up_coverage_6m": Habit(0.70, 0.08, 0.025),
    "staff_turnover_rate": Habit(0.13, 0.06, -0.004, (("TS", 0.21), ("SAP", 0.24), ("ECO", 0.08))),
    "general_assembly_participation_rate": Habit(0.40, 0.10, 0.03),
    "governance_meeting_rate": Habit(0.87, 0.10, 0.01),
    "client_satisfaction_rate": Habit(0.915, 0.07, 0.004, (("ECO", 0.84),)),
    "public_aid_share": Habit(
        0.20,
        0.05,
        -0.006,
        (("ACI", 0.66), ("AI", 0.09), ("ETTI", 0.06), ("CISP", 0.70), ("ECO", 0.93), ("EIW", 0.31), ("TS", 0.07)),
    ),
    "service_voucher_revenue_share": Habit(0.34, 0.10, -0.018, (("TS", 0.93),)),
    "pupil_absenteeism_rate": Habit(0.078, 0.04, -0.003),
}

WORK_ACCIDENTS: Final = {"ACI": 34.0, "EI": 40.0, "ETTI": 38.0, "EIW": 36.0, "TS": 26.0, "SAP": 30.0}
"""Lost-time accidents in a million hours; fifteen elsewhere."""
RESOURCES_BY_HOUR: Final = {"ACI": 17, "AI": 22, "EI": 29, "ETTI": 27, "CISP": 62, "ECO": 58}
"""Euros of resources for each hour worked; thirty elsewhere."""
PATHWAY_MONTHS: Final = {"ACI": 12.4, "AI": 14.1, "EI": 10.7, "ETTI": 8.3, "CISP": 10.9}


@cache
def year_of(structure: Structure, year: int) -> list[Life]:
    """The quarters of the year in which it worked."""
    return [life for quarter in quarters_of(year) if (life := lives(structure).get(quarter)) is not None]


def leavers(structure: Structure, year: int) -> int:
    """All who left during the year; in a school, the last year's pupils who do not study further."""
    if structure.kind == "ECO":
        return round(
            lives(structure)[Quarter(year, 3)].people * Dice(structure.slug, str(year), "last").between(0.13, 0.16)
        )
    return sum(life.exits.countable for life in year_of(structure, year))


def present(structure: Structure, year: int) -> int:
    """All who were in pathway at least one day of the year; the employees or the pupils elsewhere."""
    year_lives = year_of(structure, year)
    if structure.kind == "ECO":
        return year_lives[-1].people
    if structure.kind in IAE_CISP:
        return year_lives[-1].people + leavers(structure, year)
    return round(year_lives[-1].people * (1 + HABITS["staff_turnover_rate"].share("arrivals", structure, year)))


def _share_of(
    indicator: str, denominator: Callable[[Structure, int], int], comment: Callable[[int, Dice], str] | None = None
) -> Counting:
    """A drawn share of people who are counted first."""

    def count(structure: Structure, quarter: Quarter) -> Count | None:
        whole = denominator(structure, quarter.year)
        if not whole:
            return None
        dice = Dice(structure.slug, indicator, str(quarter))
        part = dice.successes(whole, HABITS[indicator].share(indicator, structure, quarter.year))
        return Count(part, whole, comment(whole, dice) if comment else "")

    return count


def _cohort(structure: Structure, year: int) -> int:
    """The leavers of the year, less those who stay within insertion: each year alone, two are added up when read."""
    own = leavers(structure, year)
    return round(own * 0.95) if structure.kind in IAE else own


def _contactable(structure: Structure, year: int) -> int:
    """The leavers of the year, less those who object to being followed up."""
    return round(leavers(structure, year) * Dice(structure.slug, str(year), "objections").between(0.95, 0.99))


def _pathway_months(structure: Structure, quarter: Quarter) -> Count | None:
    gone = leavers(structure, quarter.year)
    if not gone:
        return None
    own = PATHWAY_MONTHS[structure.kind] * Dice(structure.slug, "months").bell(1, 0.06)
    months = min(
        own * Dice(structure.slug, "months", str(quarter.year)).bell(1, 0.035),
        _months_since_opening(structure, quarter),
    )
    return Count(round(gone * months), gone)


def _months_since_opening(structure: Structure, quarter: Quarter) -> float:
    """Nobody has stayed longer than the house has been open; the mean is about half of that at first."""
    return 0.55 * (quarter.last_day - structure.opened).days / 30.4


def _turnover(structure: Structure, quarter: Quarter) -> Count:
    """Departures of permanent staff over the mean of the first and the last day."""
    year_lives = year_of(structure, quarter.year)
    start = lives(structure).get(Quarter(quarter.year - 1, 4), year_lives[0])
    average = Decimal(start.staff + year_lives[-1].staff) / 2
    share = HABITS["staff_turnover_rate"].share("staff_turnover_rate", structure, quarter.year)
    departures = Dice(structure.slug, "departures", str(quarter)).successes(int(average), share)
    return Count(
        max(departures, start.staff - year_lives[-1].staff), average.normalize() if average % 1 else int(average)
    )


def _accidents(structure: Structure, quarter: Quarter) -> Count:
    hours = sum(life.hours.worked for life in year_of(structure, quarter.year))
    by_thousand = WORK_ACCIDENTS.get(structure.kind, 15.0) / 1000
    by_thousand *= Dice(structure.slug, "accidents").between(0.6, 1.4) * (1 - 0.03 * (quarter.year - 2024))
    return Count(Dice(structure.slug, "accidents", str(quarter)).successes(hours // 1000, by_thousand), hours)


def _fte_per_contract(structure: Structure, quarter: Quarter) -> Count:
    contracts = lives(structure)[quarter].employees
    usual = {"TS": 0.64, "SAP": 0.67, "EIW": 0.85}[structure.kind]
    ratio = usual + Dice(structure.slug, "part-time").bell(0, 0.02) + 0.006 * (quarter.year - 2024)
    week = 35 if structure.country == "FR" else 38
    fte = Decimal(str(round(contracts * ratio, 1)))
    return Count(fte, contracts, f"temps plein : {week} heures par semaine")


def _board_seats(structure: Structure, quarter: Quarter) -> Count:
    """A board that makes room for employees once, in a year of its own, or not yet."""
    dice = Dice(structure.slug, "board")
    seats, at_first, opens = dice.whole(7, 15), dice.whole(0, 2), dice.whole(2022, 2028)
    return Count(at_first + (dice.whole(1, 2) if quarter.year >= opens else 0), seats)


def assembly(structure: Structure, year: int) -> Count:
    """Who came to the general assembly of the year: the register of participation tells the same meeting."""
    eligible = lives(structure)[Quarter(year, 2)].employees
    indicator = "general_assembly_participation_rate"
    size_effect = -0.10 if eligible > 150 else 0.06
    share = HABITS[indicator].share(indicator, structure, year) + size_effect
    return Count(Dice(structure.slug, indicator, str(year)).successes(eligible, share), eligible)


def governance(structure: Structure, quarter: Quarter) -> Count:
    """Meetings held and due in the year that ends with the quarter: registers of meetings tell the same."""
    due = Dice(structure.slug, "meetings due").pick((10, 12, 18, 18, 24, 31))
    share = HABITS["governance_meeting_rate"].share("governance_meeting_rate", structure, quarter.year)
    return Count(Dice(structure.slug, "meetings", str(quarter)).successes(due, share), due)


def _self_assessment(structure: Structure, quarter: Quarter) -> Count:
    """Items on a scale from 0 to 4; one round a year, a little better each time."""
    items = 48 - Dice(structure.slug, "items", str(quarter)).whole(0, 4)
    level = Dice(structure.slug, "level").bell(2.25, 0.2) + 0.09 * (quarter.year - 2024)
    return Count(round(items * (level + Dice(structure.slug, "level", str(quarter)).bell(0, 0.12))), items)


def _respondents(structure: Structure, quarter: Quarter) -> Count:
    indicator = "client_satisfaction_rate"
    dice = Dice(structure.slug, indicator, str(quarter))
    sent = round(Dice(structure.slug, "clients").between(60, 260) * dice.bell(1, 0.08))
    returned = dice.successes(sent, Dice(structure.slug, "answers").between(0.35, 0.60))
    satisfied = dice.successes(returned, HABITS[indicator].share(indicator, structure, quarter.year))
    return Count(satisfied, returned, f"{sent} questionnaires envoyés, {returned} revenus")


def _resources(structure: Structure, year: int) -> int:
    """Resources of the financial year, in euros."""
    hours = sum(life.hours.worked for life in year_of(structure, year))
    euros = RESOURCES_BY_HOUR.get(structure.kind, 30) * 1.03 ** (year - 2024)
    return round(hours * euros * Dice(structure.slug, "resources", str(year)).bell(1, 0.02))


def _euros(indicator: str, of_resources: Callable[[Structure, int], float]) -> Counting:
    def count(structure: Structure, quarter: Quarter) -> Count:
        whole = round(_resources(structure, quarter.year) * of_resources(structure, quarter.year))
        return Count(round(whole * HABITS[indicator].share(indicator, structure, quarter.year)), whole)

    return count


def _sales(structure: Structure, year: int) -> float:
    """The part of resources that is revenue: what is neither aid nor gift."""
    return 0.98 - HABITS["public_aid_share"].share("public_aid_share", structure, year)


# The school year that ends with the quarter.

HALF_DAYS: Final = 328
LESSON_HOURS_A_HALF_DAY: Final = 3.3


def _pupils(structure: Structure, quarter: Quarter) -> int:
    return lives(structure)[quarter].people


def _pupil_absence(structure: Structure, quarter: Quarter) -> Count:
    due = _pupils(structure, quarter) * HALF_DAYS
    indicator = "pupil_absenteeism_rate"
    return Count(round(due * HABITS[indicator].share(indicator, structure, quarter.year)), due)


def _lost_hours(structure: Structure, quarter: Quarter) -> Count:
    absent = Fraction(_pupil_absence(structure, quarter).numerator)
    not_given = _pupils(structure, quarter) * Dice(structure.slug, "not given", str(quarter)).between(24, 34)
    return Count(round(float(absent) * LESSON_HOURS_A_HALF_DAY + not_given))


def _sanctions(structure: Structure, quarter: Quarter) -> Count:
    by_pupil = 0.034 - 0.003 * (quarter.year - 2024)
    return Count(Dice(structure.slug, "sanctions", str(quarter)).successes(_pupils(structure, quarter), by_pupil))


INDICATORS: Final = (
    Indicator("dynamic_exit_rate", "quarter", IAE, _exits("dynamic", with_comment=True)),
    Indicator("durable_job_exit_rate", "quarter", IAE, _exits("durable")),
    Indicator("transition_job_exit_rate", "quarter", IAE, _exits("transition")),
    Indicator("positive_exit_rate", "quarter", IAE, _exits("positive")),
    Indicator("employment_rate_6m", "year", IAE_CISP | {"ECO"}, _share_of("employment_rate_6m", _cohort)),
    Indicator("follow_up_coverage_6m", "year", IAE_CISP, _share_of("follow_up_coverage_6m", _contactable)),
    Indicator("undocumented_exit_rate", "quarter", IAE_CISP, _exits("undocumented")),
    Indicator("average_pathway_months", "year", IAE_CISP, _pathway_months, scale=1),
    Indicator("cisp_job_exit_rate", "quarter", frozenset({"CISP"}), _exits("to_job")),
    Indicator("cisp_training_exit_rate", "quarter", frozenset({"CISP"}), _exits("to_training")),
    Indicator(
        "permanent_contract_share",
        "quarter",
        frozenset({"EI", "GES", "EIW", "TS", "SAP"}),
        _life(lambda life: life.permanent, lambda life: life.employees),
    ),
    Indicator("fte_realised", "quarter", IAE_EITI, _fte, decimals=2, scale=1),
    Indicator("contracted_fte_rate", "quarter", IAE_EITI, _contracted_fte),
    Indicator("staff_turnover_rate", "year", ALL, _turnover),
    Indicator(
        "fixed_assignment_share",
        "quarter",
        frozenset({"EIW"}),
        _life(lambda life: life.fixed, lambda life: life.assigned),
    ),
    Indicator("fte_per_contract", "year", frozenset({"EIW", "TS", "SAP"}), _fte_per_contract, decimals=2, scale=1),
    Indicator("absenteeism_rate", "quarter", ALL, _absence),
    Indicator("work_accident_frequency", "year", ALL, _accidents, scale=1_000_000),
    Indicator(
        "productive_hours_ratio",
        "quarter",
        frozenset({"AI", "TS", "SAP"}),
        _life(lambda life: life.hours.in_service, lambda life: life.hours.theoretical),
    ),
    Indicator(
        "training_access_rate",
        "year",
        IAE | {"EIW", "TS"},
        _share_of("training_access_rate", present),
    ),
    Indicator("skills_certificate_rate", "year", IAE_CISP, _share_of("skills_certificate_rate", leavers)),
    Indicator("cisp_training_hours_rate", "quarter", frozenset({"CISP"}), _training_hours),
    Indicator("women_share", "year", ALL, _share_of("women_share", present)),
    Indicator("minimum_income_share", "year", IAE_CISP, _share_of("minimum_income_share", present)),
    Indicator(
        "general_assembly_participation_rate",
        "year",
        ALL,
        lambda structure, quarter: assembly(structure, quarter.year),
    ),
    Indicator("board_employee_seat_share", "year", ALL, _board_seats),
    Indicator("governance_meeting_rate", "year", ALL, governance),
    Indicator("client_satisfaction_rate", "semester", ALL, _respondents),
    Indicator("self_assessment_score", "year", ALL, _self_assessment, scale=1),
    Indicator("public_aid_share", "year", ALL, _euros("public_aid_share", lambda *_: 1.0)),
    Indicator(
        "service_voucher_revenue_share",
        "year",
        frozenset({"EIW", "TS"}),
        _euros("service_voucher_revenue_share", _sales),
    ),
    Indicator("pupil_absenteeism_rate", "school_year", frozenset({"ECO"}), _pupil_absence),
    Indicator("pupil_lost_hours", "school_year", frozenset({"ECO"}), _lost_hours, decimals=0, scale=1),
    Indicator("serious_sanctions", "school_year", frozenset({"ECO"}), _sanctions, decimals=0, scale=1),
)
BY_ID: Final = {indicator.id: indicator for indicator in INDICATORS}


def corrected(measure: Measure, more: int, reason: str) -> Measure:
    """The same row with so many more (or fewer) counted, and the reason of the correction."""
    if measure.count is None:
        raise ValueError(f"{measure.structure} {measure.period} {measure.indicator.id} holds no count to correct")
    if measure.count.numerator + more < 0:
        raise ValueError(f"{measure.structure} {measure.period} {measure.indicator.id} counts fewer than {-more}")
    count = replace(measure.count, numerator=measure.count.numerator + more, comment=f"rectifié : {reason}")
    return replace(measure, count=count)
