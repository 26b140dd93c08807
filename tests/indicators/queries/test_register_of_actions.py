"""The register of actions, filtered, paged and added up in the store, against plain loops over its rows."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from io import StringIO
from itertools import pairwise, product
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pytest

from dashboards.charts.actions import age_chart, age_title, growth_chart, growth_title
from dashboards.wording.translations import LANGUAGES, load_translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.periods import Frequency, Period
from indicators.queries.registers.actions import (
    ActionFilters,
    action_values,
    actions_by_quarter,
    count_actions,
    list_actions,
    summarize_actions,
)
from indicators.queries.registers.reactions import Reaction, find_reactions, median_days
from indicators.snapshot import QueryContext
from tests.builders import ACTIONS, TODAY, action, deposit, measure, measures, stored, structures, table

if TYPE_CHECKING:
    from indicators.network import Network

ATELIER, REGIE = "atelier-ternoise", "regie-ternoise"
HEADER = f"{ACTIONS};indicateur;motif;accepte_jusqu_au"
STATUSES = {
    "ouverte": "open",
    "en_cours": "in_progress",
    "faite": "done",
    "close": "closed",
    "reportee": "carried_over",
    "ecart_accepte": "accepted_deviation",
    "abandonnee": "abandoned",
}


def make_rows(count: int) -> list[str]:
    random, rows = Random(5), []
    for number in range(count):
        status = random.choice(list(STATUSES))
        opened = TODAY - timedelta(days=random.randint(0, 900))
        due = opened + timedelta(days=random.randint(10, 300))
        ended = status in {"faite", "close"}
        done = min(opened + timedelta(days=random.randint(1, 300)), TODAY) if ended else None
        verified = done if status == "close" else None
        until = TODAY + timedelta(days=random.choice([-5, 0, 5])) if status == "ecart_accepte" else ""
        row = action(
            f"A-{number:03d}",
            random.choice(["corrective", "preventive", "immediate"]),
            str(opened),
            str(due),
            str(done or ""),
            str(verified or ""),
            str(random.choice([0, 50, 100])) if verified else "",
            status,
            random.choice([ATELIER, REGIE]),
        )
        indicator = random.choice(["", "dynamic_exit_rate"])
        rows.append(f"{row};{indicator};{'budget reporté' if until else ''};{until}")
    return rows


def parse(rows: list[str]) -> list[dict[str, Any]]:
    """Read the rows as plain values."""
    found = []
    for row in csv.DictReader(StringIO("\n".join([HEADER, *rows])), delimiter=";"):
        days = {
            name: date.fromisoformat(row[name]) if row[name] else None
            for name in ("ouverte_le", "echeance", "faite_le", "verifiee_le", "accepte_jusqu_au")
        }
        found.append({**row, **days, "statut": STATUSES[row["statut"]]})
    return found


def is_late(row: dict[str, Any]) -> bool:
    if row["statut"] == "accepted_deviation":
        return bool(row["accepte_jusqu_au"] < TODAY)
    is_to_do = row["statut"] in {"open", "in_progress", "carried_over"}
    return is_to_do and row["echeance"] is not None and row["echeance"] < TODAY


def is_open(row: dict[str, Any]) -> bool:
    return row["statut"] not in {"closed", "abandoned"}


@pytest.fixture
def rows(directory_network: Network) -> list[dict[str, Any]]:
    """A register of which two fifths were deposited in another version before."""
    made = make_rows(120)
    stored(
        directory_network, table(ACTIONS, *(action(f"A-{n:03d}", structure=s) for n in range(48) for s in (ATELIER,)))
    )
    first = [row for row in made if row.startswith(ATELIER) or int(row.split(";")[1][2:]) >= 48]
    stored(directory_network, table(HEADER, *first), comment="relu")
    known = {(row["structure"], row["reference"]) for row in parse(first)}
    older = [action(f"A-{n:03d}") for n in range(48) if (ATELIER, f"A-{n:03d}") not in known]
    return [*parse(first), *({**row, "statut": "open"} for row in parse([f"{each};;;" for each in older]))]


FILTERS: Final = (
    (ActionFilters(), lambda _: True),
    (ActionFilters(status="to_do"), is_open),
    (ActionFilters(status="late"), is_late),
    (ActionFilters(status="closed"), lambda row: row["statut"] == "closed"),
    (ActionFilters(kind="preventive"), lambda row: row["genre"] == "preventive"),
    (ActionFilters(indicator="dynamic_exit_rate"), lambda row: row["indicateur"] == "dynamic_exit_rate"),
    (ActionFilters(process="accueil", origin="audit", owner_role="accueil"), lambda _: True),
    (ActionFilters(axis="Parcours"), lambda _: False),
    (ActionFilters(text="a-01"), lambda row: "A-01" in row["reference"]),
    (ActionFilters(text="REMIS tard"), lambda _: True),
)


def test_a_list_keeps_what_plain_loops_keep(directory_network: Network, rows: list[dict[str, Any]]) -> None:
    with directory_network.snapshot(newest=True) as snapshot:
        for (filters, keeps), own in product(FILTERS, ([ATELIER], [REGIE], [ATELIER, REGIE])):
            expected = sorted(row["reference"] for row in rows if row["structure"] in own and keeps(row))
            whole = list_actions(snapshot, own, filters, TODAY, 1_000, 0)
            pages = [list_actions(snapshot, own, filters, TODAY, 60, first) for first in range(0, 180, 60)]
            assert sorted(whole.rows["reference"]) == expected, filters
            assert whole.total == len(expected)
            assert [each for page in pages for each in page.rows["reference"]] == whole.rows["reference"].to_list()
            late = whole.rows["is_late"].to_list()
            assert late == sorted(late, reverse=True), "what is late comes first"
            assert all(
                before >= after for before, after in pairwise(whole.rows.filter(~whole.rows["is_late"])["is_open"])
            )


def test_the_summary_is_that_of_plain_loops(directory_network: Network, rows: list[dict[str, Any]]) -> None:
    with directory_network.snapshot(newest=True) as snapshot:
        summary = summarize_actions(snapshot, [ATELIER, REGIE], TODAY)
        by_quarter = actions_by_quarter(snapshot, [ATELIER, REGIE], TODAY)
        values = action_values(snapshot, [ATELIER, REGIE])
    closed = [row for row in rows if row["statut"] == "closed"]
    due = [row for row in rows if row["echeance"] and row["echeance"] < TODAY]
    ages = Counter()  # type: ignore[var-annotated]
    for row in filter(is_open, rows):
        days = (TODAY - row["ouverte_le"]).days
        bounds = {"month": 30, "quarter": 90, "semester": 180, "year": 366}
        ages[next((name for name, bound in bounds.items() if days < bound), "older")] += 1
    assert (summary.total, summary.open, summary.late, summary.closed) == (
        len(rows), sum(map(is_open, rows)), sum(map(is_late, rows)), len(closed)
    )  # fmt: skip
    assert {name: count for name, count in summary.ages.items() if count} == ages
    assert summary.median_days_to_close == median((row["verifiee_le"] - row["ouverte_le"]).days for row in closed)
    assert (summary.on_time, summary.due) == (
        sum(1 for row in due if row["faite_le"] and row["faite_le"] <= row["echeance"]), len(due)
    )  # fmt: skip
    assert (summary.effective, summary.verified) == (
        sum(row["efficacite"] == "100" for row in closed), len(closed)
    )  # fmt: skip
    opened = Counter(Period.containing(row["ouverte_le"], Frequency.QUARTER).end for row in rows)
    ended = Counter(Period.containing(row["verifiee_le"], Frequency.QUARTER).end for row in closed)
    for row in by_quarter.iter_rows(named=True):
        assert (row["opened"], row["closed"]) == (opened[row["quarter"]], ended[row["quarter"]])
    assert by_quarter["opened_in_all"][-1] == len(rows)
    assert values["kind"] == sorted({row["genre"] for row in rows})


def test_an_action_closed_and_to_be_done_again_is_reopened_whatever_came_between(directory_network: Network) -> None:
    closed = action("A-1", done="2026-03-01", verified="2026-04-01", verdict="0", status="close")
    for row in (closed, action("A-1", opened="2026-01-10"), closed, action("A-2"), action("A-2", due="2026-12-01")):
        stored(directory_network, table(ACTIONS, row), comment="relu")
    with directory_network.snapshot(newest=True) as snapshot:
        assert summarize_actions(snapshot, [ATELIER], TODAY).reopened == 1


@pytest.mark.parametrize(("since", "mean"), [("1995-01-01", 68.8), ("2000-12-31", 110.0), ("1995-12-31", 73.3)])
def test_a_reported_total_counts_from_the_day_that_the_school_says(network: Network, since: str, mean: float) -> None:
    header = "structure;nom;type;groupe;region;departement;pays;siret;bce;ouverte_le;fermee_le;actions_depuis"
    row = f"ecole-valbrune;École Valbrune (fictive);ECO;;be-hainaut;;BE;;0000000196;1990-09-01;;{since}"
    stored(network, table(header, row))
    total = measure("ecole-valbrune", "2010-T4", "corrective_preventive_actions_total", 1_100)
    outcome = deposit(network, measures(total), comment="chiffre publié")
    assert outcome.validation.rows_accepted == 1, outcome.validation.findings  # type: ignore[union-attr]
    with network.snapshot(newest=True) as snapshot:
        counted = count_actions(snapshot, "ecole-valbrune", TODAY)
    assert counted is not None
    assert (counted.total, counted.before_register, counted.until) == (1_100, 1_100, date(2010, 12, 31))
    assert counted.per_year is not None
    assert round(counted.per_year, 1) == mean


def test_a_count_without_a_stored_day_begins_with_the_register(directory_network: Network) -> None:
    with directory_network.snapshot(newest=True) as snapshot:
        assert count_actions(snapshot, ATELIER, TODAY) is None
    stored(directory_network, table(ACTIONS, action("A-1", opened="2024-11-24"), action("A-2")))
    with directory_network.snapshot(newest=True) as snapshot:
        counted = count_actions(snapshot, ATELIER, TODAY)
    assert counted is not None
    assert (counted.since, counted.is_stored, counted.total, counted.before_register) == (
        date(2024, 11, 24), False, 2, 0
    )  # fmt: skip


def test_a_signal_is_answered_by_the_first_action_opened_after_its_period(network: Network) -> None:
    stored(network, structures(f"{ATELIER};Atelier Ternoise (fictif);ACI;;normandie;76;FR;;;2010-01-01;"))
    quarters = [Period.parse("2022-T1").shifted(n) for n in range(19)]
    values = [1_000 + 10 * (n % 3) for n in range(18)] + [2_400]
    rows = [measure(ATELIER, q.code, "absenteeism_rate", v, 12_400) for q, v in zip(quarters, values, strict=True)]
    stored(network, measures(*rows), comment="vérifié")

    def reactions() -> list[Reaction]:
        with network.snapshot(newest=True) as snapshot:
            context = QueryContext(snapshot, Audience.PUBLIC, TODAY)
            return list(find_reactions(context, [ATELIER], quarters[-1]))

    [signal] = reactions()
    assert (signal.indicator, signal.period, signal.reference) == ("absenteeism_rate", quarters[-1], None)
    before, after = str(quarters[-1].end), str(quarters[-1].end + timedelta(days=12))
    header = f"{ACTIONS};indicateur"
    stored(network, table(header, f"{action('A-1', opened=before)};absenteeism_rate"))
    stored(network, table(header, f"{action('A-2', opened=after)};staff_turnover_rate"))
    assert reactions()[0].reference is None
    stored(network, table(header, f"{action('A-3', opened=after)};absenteeism_rate"))
    [answered] = reactions()
    assert (answered.reference, answered.days_to_action, answered.days_to_verdict) == ("A-3", 12, None)
    assert median_days([each.days_to_action for each in (signal, answered)]) == 12
    with network.snapshot(newest=True) as snapshot:
        context = QueryContext(snapshot, Audience.PUBLIC, TODAY)
        assert find_reactions(context, [REGIE], quarters[-1]) == []


LATEST: Final = Period.parse("2026-T3")


def reactions_to(
    monkeypatch: pytest.MonkeyPatch, network: Network, signals: dict[str, tuple[int, ...]], *actions: tuple[str, str]
) -> list[Reaction]:
    """Reactions to signals that hold so many quarters before the latest one, with actions by the day of opening."""

    def frame(_: QueryContext, quarter: Period, only: str | None) -> pl.DataFrame:
        held = [
            name
            for name, places in signals.items()
            if quarter in [LATEST.shifted(-back) for back in places] and only in {None, name}
        ]
        rows = [(ATELIER, name, "concern") for name in held]
        return pl.DataFrame(rows, schema=["structure", "indicator", "variation"], orient="row")

    monkeypatch.setattr("indicators.queries.registers.reactions._signals", frame)
    rows = [
        f"{action(f'A-{place}', opened=opened)};{indicator}" for place, (indicator, opened) in enumerate(actions, 1)
    ]
    if rows:
        stored(network, table(f"{ACTIONS};indicateur", *rows))
    with network.snapshot(newest=True) as snapshot:
        return list(find_reactions(QueryContext(snapshot, Audience.PUBLIC, TODAY), [ATELIER], LATEST))


def test_a_signal_older_than_the_quarters_listed_begins_in_its_own_first_quarter(
    directory_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    lasting = {"absenteeism_rate": tuple(range(7)), "dynamic_exit_rate": (3, 4)}
    opened = [("absenteeism_rate", "2025-04-10"), ("absenteeism_rate", "2026-02-01")]
    found = {each.indicator: each for each in reactions_to(monkeypatch, directory_network, lasting, *opened)}
    old, short = found["absenteeism_rate"], found["dynamic_exit_rate"]
    assert (old.period.code, old.reference, old.days_to_action) == ("2025-T1", "A-1", 10)
    assert (short.period.code, short.reference, short.is_beginning_known) == ("2025-T3", None, True)


@pytest.mark.parametrize(("opened", "reference"), [("2024-10-10", "A-1"), ("2025-01-10", "A-1"), (None, None)])
def test_of_a_signal_without_a_known_beginning_no_delay_is_computed(
    directory_network: Network, monkeypatch: pytest.MonkeyPatch, opened: str | None, reference: str | None
) -> None:
    actions = [("absenteeism_rate", opened)] if opened else []
    lasting = {"absenteeism_rate": tuple(range(12))}
    [signal] = reactions_to(monkeypatch, directory_network, lasting, *actions)
    assert (signal.period.code, signal.is_beginning_known) == ("2024-T4", False)
    assert (signal.reference, signal.days_to_action, signal.days_to_verdict) == (reference, None, None)


def test_a_signal_of_years_lasts_from_one_year_to_the_next(
    directory_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    with directory_network.snapshot() as snapshot:
        yearly = next(sheet.id for sheet in snapshot.catalogue if sheet.frequency is Frequency.YEAR)
    [begun] = reactions_to(monkeypatch, directory_network, {yearly: (3,)})
    assert (begun.period.code, begun.is_beginning_known) == ("2025-T4", True)
    [lasting] = reactions_to(monkeypatch, directory_network, {yearly: (3, 7)})
    assert (lasting.period.code, lasting.is_beginning_known) == ("2024-T4", False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_say_in_their_title_and_text_what_they_show(
    directory_network: Network, rows: list[dict[str, Any]], language: str
) -> None:
    t = load_translator(language)
    with directory_network.snapshot(newest=True) as snapshot:
        summary = summarize_actions(snapshot, [ATELIER, REGIE], TODAY)
        by_quarter = actions_by_quarter(snapshot, [ATELIER, REGIE], TODAY)
    ages, growth = age_chart(summary, t).to_dict(), growth_chart(by_quarter, t).to_dict()
    assert str(summary.ages["older"]) in age_title(summary, t)
    assert ages["description"].startswith(age_title(summary, t))
    assert all(t(f"actions.age.{name}") in ages["description"] for name in summary.ages)
    assert str(len(rows)) in growth_title(by_quarter, t)
    assert growth["description"].startswith(growth_title(by_quarter, t))
