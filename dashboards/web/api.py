"""Open data beside the pages, in the same process: public figures only, with the store's version as ETag.

A route never looks at who asks: what it gives is public, whoever asks.
"""

import time
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

import polars as pl
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboards.access import house
from dashboards.app_pages.time_step_choice import PARAMETER, step_of
from dashboards.web.figure_json import cause_of, cause_of_latest, figure_json
from dashboards.wording.formatting import displayed
from indicators.answer_cache import AnswerCache
from indicators.csv_files import OPEN_DATA, csv_of_rows
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Frequency, Period
from indicators.errors import StoreError, UnknownError
from indicators.figures.figure import NO_CASES, Figure, Shown, Status
from indicators.judgement.special_causes import Told
from indicators.network import Reading
from indicators.queries.deposits.deliveries import quarters
from indicators.queries.deposits.freshness import freshness
from indicators.queries.figures.assessed_board import Judged, judged_board, own_process
from indicators.queries.figures.board import PERIODS, Tile
from indicators.queries.figures.by_structure import spread
from indicators.queries.figures.series import series
from indicators.store.integrity import unreadable_tables

READY_FOR_S: Final = 5
"""Seconds for which an answer on readiness holds: it reads from every table, and anybody may ask."""
READINESS: Final = AnswerCache(1)
Answer = Callable[[Request, Reading], Response]
SERIES_COLUMNS: Final = ("period", "value", "numerator", "denominator", "unit", "status", "target")


def _route(path: str, answer: Answer) -> Route:
    """Serve an answer on one reading of the store: 304 if its version is known, 404 in JSON for what does not exist."""

    def endpoint(request: Request) -> Response:
        try:
            with house().network.reading() as reading:
                # A figure that was not due becomes missing on some morning, without any deposit.
                tag = f'"{reading.tag}-{house().today():%Y%m%d}"'
                headers = {"ETag": tag, "Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
                if tag in request.headers.get("if-none-match", ""):
                    return Response(status_code=304, headers=headers)
                response = answer(request, reading)
        except UnknownError as unknown:
            known = {"known": list(unknown.known)} if unknown.known else {}
            told = {"error": f"unknown {unknown.what}", unknown.what: unknown.name, **known}
            return JSONResponse(told, status_code=404)
        except StoreError:
            # The text of the failure may hold an address: it belongs in the server's log, not in an answer.
            return JSONResponse({"error": "the store does not answer"}, status_code=503)
        response.headers.update(headers)
        return response

    return Route(path, endpoint, methods=["GET", "HEAD"])


def _health(_: Request, reading: Reading) -> Response:
    """Say that the store answers and, for whoever watches over it, how old its newest figures are."""
    found = freshness(reading, house().today())
    return JSONResponse(
        {
            "status": "ok",
            "version": reading.tag,
            "latest_period": found and found.newest.code,
            "overdue_periods": [period.code for period in found.overdue] if found else [],
        }
    )


def _readiness(_: Request) -> Response:
    """Say whether figures can be read: one row of each table and every data file; else what lacks some."""
    lake, moment = house().network.lake, time.monotonic() // READY_FOR_S
    missing = READINESS.get_or_compute((id(lake), moment), lambda: unreadable_tables(lake))
    told = {"status": "unready", "missing": missing} if missing else {"status": "ready"}
    return JSONResponse(told, status_code=503 if missing else 200, headers={"Cache-Control": "no-store"})


def _catalogue(_: Request, reading: Reading) -> Response:
    sheets = [
        # JSON has no infinity: a range without an upper bound ends with null.
        {
            **sheet.model_dump(mode="json", by_alias=True, exclude_none=True),
            "range": [bound if isfinite(bound) else None for bound in sheet.range],
        }
        for sheet in reading.catalogue
    ]
    return JSONResponse({"version": reading.tag, "indicators": sheets})


def _structures(_: Request, reading: Reading) -> Response:
    structures = [
        {"id": s.id, "name": s.name, "kind": s.kind, "group": s.group, "region": s.region}
        for s in reading.structures.by_id.values()
    ]
    return JSONResponse({"version": reading.tag, "structures": structures})


def _board(request: Request, reading: Reading) -> Response:
    structure = reading.structures[request.path_params["structure"]]
    quarter = _quarter(request, reading)
    perimeter = Perimeter(Level.STRUCTURE, structure.id)
    # Its own peers: nothing is compared, the past alone is looked at.
    judged = judged_board(reading, perimeter, perimeter, quarter, Audience.PUBLIC, house().today()) if quarter else []
    return JSONResponse(
        {
            "structure": structure.id,
            "period": quarter and quarter.code,
            "version": reading.tag,
            "figures": [figure_json(one.figure, cause_of_latest(one.signal, one.series)) for one in judged],
        }
    )


def _quarter(request: Request, reading: Reading) -> Period | None:
    """Read the quarter asked for, else the newest with measures; an `UnknownError` if there is nothing of it."""
    known = quarters(reading)
    asked = request.query_params.get("periode")
    if asked is None:
        return next((quarter for quarter in known if quarter.end < house().today()), None)
    period = Period.parse(asked)
    if period not in known:
        raise UnknownError("period", asked)
    return period


def _public_indicator(request: Request, reading: Reading) -> Indicator:
    """Read the indicator asked for; one that is not public does not exist here."""
    sheet = reading.catalogue[request.path_params["indicator"]]
    if not Audience.PUBLIC.sees(sheet.audience):
        raise UnknownError("indicator", sheet.id)
    return sheet


def _series_figures(request: Request, reading: Reading) -> tuple[Perimeter, Indicator, list[Figure]]:
    """Return the series asked for, in the step asked for or else in the indicator's own."""
    perimeter = Perimeter(Level.STRUCTURE, reading.structures[request.path_params["structure"]].id)
    sheet, asked = _public_indicator(request, reading), request.query_params.get(PARAMETER)
    step = None if asked is None else step_of(asked, sheet)
    return perimeter, sheet, list(series(reading, perimeter, sheet, Audience.PUBLIC, house().today(), step=step))


def _series_json(request: Request, reading: Reading) -> Response:
    perimeter, sheet, figures = _series_figures(request, reading)
    told = own_process(figures, sheet, reading.breaks(perimeter, sheet.id)).told or [Told()] * len(figures)
    return JSONResponse(
        {
            "structure": request.path_params["structure"],
            "indicator": request.path_params["indicator"],
            "version": reading.tag,
            "figures": [
                figure_json(figure, cause_of(cause, place, figures))
                for place, (figure, cause) in enumerate(zip(figures, told, strict=True))
            ],
        }
    )


def _series_csv(request: Request, reading: Reading) -> Response:
    structure, rows = request.path_params["structure"], []
    for figure in _series_figures(request, reading)[2]:
        facts = {**figure_json(figure), "value": figure.shown and displayed(figure.shown, figure.indicator)}
        rows.append([structure, figure.indicator.id, *(facts[name] for name in SERIES_COLUMNS)])
    content = csv_of_rows(["structure", "indicator", *SERIES_COLUMNS], rows, OPEN_DATA)
    name = f"{structure}-{request.path_params['indicator']}.csv"
    return Response(content, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _network(request: Request, reading: Reading) -> Response:
    sheet = _public_indicator(request, reading)
    asked = request.query_params.get("perimetre")
    perimeter = reading.structures.perimeter(asked) if asked else NETWORK
    period = _period_of(sheet, request, reading)
    figure, cause, spread_rows = None, None, []
    if period is not None:
        found = series(reading, perimeter, sheet, Audience.PUBLIC, house().today())
        past = [figure for figure in found if figure.period.end <= period.end]
        figure = next((figure for figure in past if figure.period == period), None)
        if figure:
            judged = Judged(Tile(figure, past[-PERIODS:]), past, None, reading.breaks(perimeter, sheet.id))
            cause = cause_of_latest(judged.signal, past)
        rows = spread(reading, perimeter, sheet, period, Audience.PUBLIC, house().today())
        told = pl.col("status").replace(NO_CASES, Status.NOT_APPLICABLE.value)
        spread_rows = [
            {**row, "value": _displayed(row, sheet)}
            for row in rows.select("structure", "value", "numerator", "denominator", told).iter_rows(named=True)
        ]
    return JSONResponse(
        {
            "indicator": sheet.id,
            "perimeter": perimeter.code,
            "period": period and period.code,
            "version": reading.tag,
            "figure": figure and figure_json(figure, cause),
            "contributors": figure.shown.contributors if figure and figure.shown else None,
            "structures": spread_rows,
        }
    )


def _displayed(row: Mapping[str, Any], sheet: Indicator) -> float | None:
    """Return the value of a structure with the decimals of its sheet."""
    if row["value"] is None:
        return None
    return float(displayed(Shown(row["value"], row["numerator"], row["denominator"], contributors=1), sheet))


def _period_of(sheet: Indicator, request: Request, reading: Reading) -> Period | None:
    """Return the indicator's own period asked for: named itself, or the newest over by the end of a quarter."""
    asked = request.query_params.get("periode")
    if asked is not None and (period := Period.parse(asked)).frequency is not Frequency.QUARTER:
        if period.frequency is not sheet.frequency:
            raise UnknownError("period", asked)
        return period
    quarter = _quarter(request, reading)
    return quarter and Period.latest_ended(quarter.end, sheet.frequency)


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
"""Every open-data address; anything else under `/api/` is answered by `NOT_FOUND`."""


def _not_found(request: Request) -> Response:
    return JSONResponse({"error": "unknown address", "address": request.url.path}, status_code=404)


NOT_FOUND: Final = Route("/api/{rest:path}", _not_found)
