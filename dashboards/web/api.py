"""The open-data API, in the same process as the pages: public figures only, with the store's version as ETag.

Routes ignore who sends the request: responses are public and the same for every visitor.
"""

import time
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

import polars as pl
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboards.access import get_app_state
from dashboards.app_pages.time_step_choice import STEP_PARAM, parse_step
from dashboards.web.figure_json import figure_json, latest_signal, signal_at
from dashboards.wording.formatting import displayed_value
from indicators.answer_cache import AnswerCache
from indicators.csv_files import OPEN_DATA, rows_to_csv
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Frequency, Period
from indicators.errors import StoreError, UnknownError
from indicators.figures.figure import NO_CASES, Figure, Status, Value
from indicators.judgement.special_causes import PointSignals
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.queries.deposits.freshness import find_freshness
from indicators.queries.figures.assessed_board import AssessedFigure, assess_board, control_chart_or_empty
from indicators.queries.figures.board import HISTORY_PERIODS, Tile
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext, Snapshot
from indicators.store.integrity import find_unreadable_tables

READY_FOR_S: Final = 5
"""Seconds for which a readiness result is cached: the check reads every table, and anyone may request it."""
READINESS: Final = AnswerCache(1)
Handler = Callable[[Request, Snapshot], Response]
SERIES_COLUMNS: Final = ("period", "value", "numerator", "denominator", "unit", "status", "target")


def _route(path: str, handler: Handler) -> Route:
    """Return a route that runs a handler on one snapshot: 304 for a known version, 404 in JSON for what is unknown."""

    def endpoint(request: Request) -> Response:
        try:
            with get_app_state().network.snapshot() as snapshot:
                # The day is part of the ETag: figures become overdue without any deposit.
                tag = f'"{snapshot.tag}-{get_app_state().today():%Y%m%d}"'
                headers = {"ETag": tag, "Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
                if tag in request.headers.get("if-none-match", ""):
                    return Response(status_code=304, headers=headers)
                response = handler(request, snapshot)
        except UnknownError as unknown:
            alternatives = {"known": list(unknown.choices)} if unknown.choices else {}
            error = {"error": f"unknown {unknown.kind}", unknown.kind: unknown.name, **alternatives}
            return JSONResponse(error, status_code=404)
        except StoreError:
            # The error text may contain an address: it belongs in the log, not in a response.
            return JSONResponse({"error": "the store does not answer"}, status_code=503)
        response.headers.update(headers)
        return response

    return Route(path, endpoint, methods=["GET", "HEAD"])


def _health(_: Request, snapshot: Snapshot) -> Response:
    """Return that the store answers and, for monitoring, its newest and overdue periods."""
    found = find_freshness(QueryContext(snapshot, Audience.PUBLIC, get_app_state().today()))
    return JSONResponse(
        {
            "status": "ok",
            "version": snapshot.tag,
            "latest_period": found and found.newest.code,
            "overdue_periods": [period.code for period in found.overdue] if found else [],
        }
    )


def _readiness(_: Request) -> Response:
    """Check that figures can be read: one row of each table and every data file; otherwise list what is missing."""
    lake, cache_window = get_app_state().network.lake, time.monotonic() // READY_FOR_S
    missing = READINESS.get_or_compute((id(lake), cache_window), lambda: find_unreadable_tables(lake))
    body = {"status": "unready", "missing": missing} if missing else {"status": "ready"}
    return JSONResponse(body, status_code=503 if missing else 200, headers={"Cache-Control": "no-store"})


def _catalogue(_: Request, snapshot: Snapshot) -> Response:
    sheets = [
        # JSON has no infinity: an open upper bound is null.
        {
            **sheet.model_dump(mode="json", by_alias=True, exclude_none=True),
            "range": [bound if isfinite(bound) else None for bound in sheet.range],
        }
        for sheet in snapshot.catalogue
    ]
    return JSONResponse({"version": snapshot.tag, "indicators": sheets})


def _structures(_: Request, snapshot: Snapshot) -> Response:
    structures = [
        {"id": s.id, "name": s.name, "kind": s.kind, "group": s.group, "region": s.region}
        for s in snapshot.structures.by_id.values()
    ]
    return JSONResponse({"version": snapshot.tag, "structures": structures})


def _board(request: Request, snapshot: Snapshot) -> Response:
    structure = snapshot.structures[request.path_params["structure"]]
    quarter = _requested_quarter(request, snapshot)
    perimeter = Perimeter(Level.STRUCTURE, structure.id)
    # The structure is its own peer group: only its past is assessed, no comparison.
    assessed_figures = (
        assess_board(QueryContext(snapshot, Audience.PUBLIC, get_app_state().today()), perimeter, perimeter, quarter)
        if quarter
        else []
    )
    return JSONResponse(
        {
            "structure": structure.id,
            "period": quarter and quarter.code,
            "version": snapshot.tag,
            "figures": [figure_json(one.figure, latest_signal(one.signal, one.series)) for one in assessed_figures],
        }
    )


def _requested_quarter(request: Request, snapshot: Snapshot) -> Period | None:
    """Return the requested quarter, else the newest completed one; an `UnknownError` if it has no figures."""
    quarters_with_figures = reported_quarters(snapshot)
    period_param = request.query_params.get("periode")
    if period_param is None:
        return next((quarter for quarter in quarters_with_figures if quarter.end < get_app_state().today()), None)
    period = Period.parse(period_param)
    if period not in quarters_with_figures:
        raise UnknownError("period", period_param)
    return period


def _public_indicator(request: Request, snapshot: Snapshot) -> Indicator:
    """Return the requested indicator; a non-public one is treated as unknown."""
    indicator = snapshot.catalogue[request.path_params["indicator"]]
    if not Audience.PUBLIC.sees(indicator.audience):
        raise UnknownError("indicator", indicator.id)
    return indicator


def _series_figures(request: Request, snapshot: Snapshot) -> tuple[Perimeter, Indicator, list[Figure]]:
    """Return the requested series, in the requested step or else in the indicator's own."""
    perimeter = Perimeter(Level.STRUCTURE, snapshot.structures[request.path_params["structure"]].id)
    indicator, step_param = _public_indicator(request, snapshot), request.query_params.get(STEP_PARAM)
    step = None if step_param is None else parse_step(step_param, indicator)
    return (
        perimeter,
        indicator,
        list(
            read_series(
                QueryContext(snapshot, Audience.PUBLIC, get_app_state().today()), perimeter, indicator, step=step
            )
        ),
    )


def _series_json(request: Request, snapshot: Snapshot) -> Response:
    perimeter, indicator, figures = _series_figures(request, snapshot)
    point_signals = control_chart_or_empty(
        figures, indicator, snapshot.breaks(perimeter, indicator.id)
    ).point_signals or [PointSignals()] * len(figures)
    return JSONResponse(
        {
            "structure": request.path_params["structure"],
            "indicator": request.path_params["indicator"],
            "version": snapshot.tag,
            "figures": [
                figure_json(figure, signal_at(cause, place, figures))
                for place, (figure, cause) in enumerate(zip(figures, point_signals, strict=True))
            ],
        }
    )


def _series_csv(request: Request, snapshot: Snapshot) -> Response:
    structure, rows = request.path_params["structure"], []
    for figure in _series_figures(request, snapshot)[2]:
        facts = {**figure_json(figure), "value": figure.shown and displayed_value(figure.shown, figure.indicator)}
        rows.append([structure, figure.indicator.id, *(facts[name] for name in SERIES_COLUMNS)])
    content = rows_to_csv(["structure", "indicator", *SERIES_COLUMNS], rows, OPEN_DATA)
    name = f"{structure}-{request.path_params['indicator']}.csv"
    return Response(content, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _network(request: Request, snapshot: Snapshot) -> Response:
    indicator = _public_indicator(request, snapshot)
    perimeter_param = request.query_params.get("perimetre")
    perimeter = snapshot.structures.parse_perimeter(perimeter_param) if perimeter_param else NETWORK
    period = _requested_period(indicator, request, snapshot)
    figure, cause, spread_rows = None, None, []
    if period is not None:
        figures = read_series(QueryContext(snapshot, Audience.PUBLIC, get_app_state().today()), perimeter, indicator)
        past = [figure for figure in figures if figure.period.end <= period.end]
        figure = next((figure for figure in past if figure.period == period), None)
        if figure:
            assessed = AssessedFigure(
                Tile(figure, past[-HISTORY_PERIODS:]), past, None, snapshot.breaks(perimeter, indicator.id)
            )
            cause = latest_signal(assessed.signal, past)
        rows = figures_by_structure(
            QueryContext(snapshot, Audience.PUBLIC, get_app_state().today()), perimeter, indicator, period
        ).rows
        public_status = pl.col("status").replace(NO_CASES, Status.NOT_APPLICABLE.value)
        spread_rows = [
            {**row, "value": _displayed_value(row, indicator)}
            for row in rows.select("structure", "value", "numerator", "denominator", public_status).iter_rows(
                named=True
            )
        ]
    return JSONResponse(
        {
            "indicator": indicator.id,
            "perimeter": perimeter.code,
            "period": period and period.code,
            "version": snapshot.tag,
            "figure": figure and figure_json(figure, cause),
            "contributors": figure.shown.contributors if figure and figure.shown else None,
            "structures": spread_rows,
        }
    )


def _displayed_value(row: Mapping[str, Any], indicator: Indicator) -> float | None:
    """Return the value of a structure with the indicator's decimals."""
    if row["value"] is None:
        return None
    return float(displayed_value(Value(row["value"], row["numerator"], row["denominator"], contributors=1), indicator))


def _requested_period(indicator: Indicator, request: Request, snapshot: Snapshot) -> Period | None:
    """Return the period of the indicator's own frequency: the requested one, or the latest completed by a quarter."""
    period_param = request.query_params.get("periode")
    if period_param is not None and (period := Period.parse(period_param)).frequency is not Frequency.QUARTER:
        if period.frequency is not indicator.frequency:
            raise UnknownError("period", period_param)
        return period
    quarter = _requested_quarter(request, snapshot)
    return quarter and Period.latest_ended(quarter.end, indicator.frequency)


ROUTES: Final = (
    _route("/healthz", _health),
    Route("/readyz", _readiness, methods=["GET", "HEAD"]),
    _route("/api/catalogue.json", _catalogue),
    _route("/api/structures.json", _structures),
    _route("/api/board/{structure}.json", _board),
    _route("/api/series/{structure}/{indicator}.json", _series_json),
    _route("/api/series/{structure}/{indicator}.csv", _series_csv),
    _route("/api/network/{indicator}.json", _network),
)
"""Every open-data route; any other address under `/api/` gets `NOT_FOUND`."""


def _not_found(request: Request) -> Response:
    return JSONResponse({"error": "unknown address", "address": request.url.path}, status_code=404)


NOT_FOUND: Final = Route("/api/{rest:path}", _not_found)
