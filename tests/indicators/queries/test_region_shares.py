"""Where regions are withheld, the others stand together: what the network's figure leaves, nothing that it hides."""

from __future__ import annotations

from datetime import date
from math import fsum
from typing import Final

import polars as pl
import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.figures.figure import Status
from indicators.network import Network
from indicators.queries.figures.assessed_board import assess_board
from indicators.queries.figures.contributions import find_contributions
from indicators.queries.figures.figures import perimeter_figures
from indicators.queries.figures.region_shares import RegionShares, region_shares
from indicators.snapshot import QueryContext, Snapshot
from tests.builders import TODAY, measure, measures, stored, structure, structures

PUBLIC, MANAGEMENT = Audience.PUBLIC, Audience.MANAGEMENT
QUARTERS: Final = [Period.parse(code) for code in ("2025-T4", "2026-T1", "2026-T2", "2026-T3")]


def shares_of_everything(snapshot: Snapshot) -> list[RegionShares]:
    context = QueryContext(snapshot, PUBLIC, TODAY)
    return [
        region_shares(context, one.indicator, one.figure.period)
        for quarter in QUARTERS
        for one in assess_board(context, NETWORK, NETWORK, quarter)
    ]


def test_the_others_are_the_network_less_the_regions_shown_and_the_true_sum_of_those_that_are_not(
    demo: Network,
) -> None:
    with demo.snapshot() as snapshot:
        together = [shares for shares in shares_of_everything(snapshot) if shares.others]
        assert len(together) > 10
        for shares in together:
            others, indicator, period = shares.others, shares.network.indicator, shares.network.period
            assert others is not None
            assert others.shown is not None
            assert shares.withheld_count >= 2
            numerators, denominators = [], []
            for region in shares.regions:
                if region.figure.status is Status.WITHHELD:
                    true = perimeter_figures(
                        QueryContext(snapshot, MANAGEMENT, TODAY),
                        Perimeter(Level.REGION, region.region),
                        [indicator],
                        period.end,
                        period.end,
                    ).rows.filter(pl.col("period") == period.code)
                    numerators.append(true["numerator"][0])
                    denominators.append(true["denominator"][0] or 0)
            assert others.shown.numerator == pytest.approx(fsum(numerators)), (indicator.id, period.code)
            assert (others.shown.denominator or 0) == pytest.approx(fsum(denominators)), (indicator.id, period.code)


def test_what_the_others_make_together_is_made_of_figures_shown_alone(demo: Network) -> None:
    """Whoever reads the page could subtract: in plain loops, the same counts."""
    with demo.snapshot() as snapshot:
        for shares in shares_of_everything(snapshot):
            if shares.others is None or shares.others.shown is None or shares.network.shown is None:
                continue
            left = shares.network.shown.numerator or 0.0
            for region in shares.regions:
                left -= region.figure.shown.numerator or 0.0 if region.figure.shown else 0.0
            assert shares.others.shown.numerator == pytest.approx(left)


def test_there_are_no_others_of_one_region_of_a_network_that_is_withheld_or_where_all_are_shown(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        for shares in shares_of_everything(snapshot):
            if shares.withheld_count < 2 or shares.network.shown is None:
                assert shares.others is None


def test_a_map_is_drawn_where_half_of_the_regions_with_a_figure_show_it(network: Network) -> None:
    regions = ("normandie", "bretagne", "occitanie", "corse")
    stored(network, structures(*(structure(f"s{n}", region=regions[n % 4]) for n in range(12))))

    def shown(cases: tuple[int, ...], quarter: str) -> RegionShares:
        rows = (measure(f"s{n}", quarter, "durable_job_exit_rate", cases[n % 4], 60) for n in range(12))
        stored(network, measures(*rows), comment="essai")
        with network.snapshot(newest=True) as snapshot:
            context = QueryContext(snapshot, PUBLIC, TODAY)
            return region_shares(context, snapshot.catalogue["durable_job_exit_rate"], Period.parse(quarter))

    assert shown((20, 20, 20, 20), "2026-T3").are_mostly_shown
    assert shown((20, 20, 20, 20), "2026-T3").shown_count == 4
    few = shown((1, 1, 1, 20), "2026-T2")
    assert few.are_mostly_shown is (2 * few.shown_count >= 4)


@pytest.mark.parametrize(
    "code", ["groupe:groupe-des-trois-rives-fictif", "region:hauts-de-france", "reseau", "type:ACI"]
)
def test_the_structures_of_a_figure_are_those_that_it_adds_up(demo: Network, code: str) -> None:
    perimeter = Perimeter.parse(code)
    with demo.snapshot() as snapshot:
        for audience in (PUBLIC, MANAGEMENT):
            context = QueryContext(snapshot, audience, TODAY)
            managed = snapshot.structures.by_id if audience is MANAGEMENT else ()
            for one in assess_board(context, perimeter, perimeter, QUARTERS[-1]):
                found = find_contributions(context, perimeter, one.figure, managed)
                names = [contribution.structure.name for contribution in found.structures]
                assert len(names) == len(set(names))
                known = [contribution.share for contribution in found.structures if contribution.share is not None]
                if known:
                    whole = fsum(known) + (found.withheld_share or 0.0)
                    assert whole == pytest.approx(1, abs=0.02), (one.indicator.id, audience)
                if one.figure.shown is None:
                    assert known == []


def test_a_structure_s_figure_among_the_others_is_the_one_of_its_own_board(demo: Network) -> None:
    region = Perimeter.parse("region:hauts-de-france")
    with demo.snapshot() as snapshot:
        context = QueryContext(snapshot, PUBLIC, TODAY)
        sheet = snapshot.catalogue["durable_job_exit_rate"]
        tiles = {one.indicator.id: one for one in assess_board(context, region, region, QUARTERS[-1])}
        found = find_contributions(context, region, tiles[sheet.id].figure)
        assert found.structures
        for contribution in found.structures:
            own = Perimeter(Level.STRUCTURE, contribution.structure.id)
            rows = perimeter_figures(context, own, [sheet], date.min, date.max).rows
            (row,) = rows.filter(pl.col("period") == "2026-T3").iter_rows(named=True)
            shown = contribution.figure.shown
            assert (shown and shown.value) == row["value"]


def test_management_figures_are_those_of_the_structures_managed_alone(demo: Network) -> None:
    network = Perimeter.parse("reseau")
    with demo.snapshot() as snapshot:
        context = QueryContext(snapshot, PUBLIC, TODAY)
        tiles = {one.indicator.id: one for one in assess_board(context, network, network, QUARTERS[-1])}
        total = tiles["durable_job_exit_rate"].figure
        public = {c.structure.id: c.figure for c in find_contributions(context, network, total).structures}
        withheld = [code for code, figure in public.items() if figure.status is Status.WITHHELD]
        assert len(withheld) >= 2
        mixed = find_contributions(context, network, total, managed=withheld[:1]).structures
        statuses = {c.structure.id: c.figure.status for c in mixed}
        assert statuses[withheld[0]] is not Status.WITHHELD
        assert statuses[withheld[1]] is Status.WITHHELD
