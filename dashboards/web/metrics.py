"""Prometheus metrics of a process: requests, sessions, deposits, queries, cache hits.

Readable by administrators and with the token of the settings. With several workers, each reports only its own metrics,
with its number: the cookie of `worker_pin` selects the worker that answers.
"""

import hmac
from collections.abc import Iterator
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, InfoMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboards.access import AppState, get_app_state
from dashboards.web.logging_setup import CURRENT_WORKER
from indicators.definitions.roles import Right

DURATION_BUCKETS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Bucket bounds of duration histograms, in seconds."""
METRICS_PATH: Final = "/metrics"

REGISTRY: Final = CollectorRegistry()
REQUESTS: Final = Counter(
    "pilotage_requests", "Requests answered, by kind of address and by status.", ("kind", "status"), registry=REGISTRY
)
REQUEST_SECONDS: Final = Histogram(
    "pilotage_request_seconds", "Time to answer a request.", ("kind",), registry=REGISTRY, buckets=DURATION_BUCKETS_S
)
PAGE_SECONDS: Final = Histogram(
    "pilotage_page_seconds",
    "Time to show a page, or a part of it.",
    ("page",),
    registry=REGISTRY,
    buckets=DURATION_BUCKETS_S,
)
SESSIONS: Final = Gauge("pilotage_sessions", "Sessions that are open.", registry=REGISTRY)
DEPOSITS: Final = Counter("pilotage_deposits", "Files stored by this process.", ("dataset",), registry=REGISTRY)
REFUSALS: Final = Counter("pilotage_refusals", "Files refused by this process.", ("dataset",), registry=REGISTRY)


class StoreMetrics(Collector):
    """Metrics counted by the domain itself: queries to the store, and cache hits and misses."""

    def __init__(self, app_state: AppState) -> None:
        """Report on the network of an application state."""
        self._network = app_state.network

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        queries = self._network.lake.query_counter
        yield SummaryMetricFamily(
            "pilotage_query_seconds", "Time of the questions to the store.", queries.count, queries.seconds
        )
        uses = self._network.cache_counters
        cache_answers = CounterMetricFamily(
            "pilotage_cache_answers", "Answers asked for, by where they came from.", labels=["source"]
        )
        cache_answers.add_metric(["kept"], uses.hits)
        cache_answers.add_metric(["computed"], uses.computed)
        cache_answers.add_metric(["joined"], uses.waited)
        yield cache_answers
        number = "0" if CURRENT_WORKER.number is None else str(CURRENT_WORKER.number)
        yield InfoMetricFamily("pilotage_worker", "The process that tells.", {"number": number})


def may_read(request: Request, token: str | None) -> bool:
    """Whether a request comes from an administrator or has the token."""
    scheme, _, offered = request.headers.get("authorization", "").partition(" ")
    bears_token = (
        bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(offered.encode(), str(token).encode())
    )
    return bears_token or get_app_state().visitor(request.cookies, request.query_params).has(Right.OPERATE)


def route(app_state: AppState, token: str | None) -> Route:
    """Return the route of the metrics."""
    app_registry = CollectorRegistry()
    app_registry.register(StoreMetrics(app_state))

    def endpoint(request: Request) -> Response:
        if not may_read(request, token):
            return PlainTextResponse("Forbidden", status_code=403)
        content = generate_latest(REGISTRY) + generate_latest(app_registry)
        return Response(content, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})

    return Route(METRICS_PATH, endpoint, methods=["GET"])
