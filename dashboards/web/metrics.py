"""What a process has done since it started, for Prometheus: requests, sessions, deposits, questions, cached answers.

For who administers the site, and for whoever bears the token of the settings. With several workers, each tells what it
did itself, and which one it is: the cookie of `worker_pin` chooses who answers.
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

from dashboards.access import House, house
from dashboards.web.logging_setup import WORKER

SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Bounds of the durations counted."""
ADDRESS: Final = "/metrics"

REGISTRY: Final = CollectorRegistry()
REQUESTS: Final = Counter(
    "pilotage_requests", "Requests answered, by kind of address and by status.", ("kind", "status"), registry=REGISTRY
)
REQUEST_SECONDS: Final = Histogram(
    "pilotage_request_seconds", "Time to answer a request.", ("kind",), registry=REGISTRY, buckets=SECONDS
)
PAGE_SECONDS: Final = Histogram(
    "pilotage_page_seconds", "Time to show a page, or a part of it.", ("page",), registry=REGISTRY, buckets=SECONDS
)
SESSIONS: Final = Gauge("pilotage_sessions", "Sessions that are open.", registry=REGISTRY)
DEPOSITS: Final = Counter("pilotage_deposits", "Files stored by this process.", ("dataset",), registry=REGISTRY)
REFUSALS: Final = Counter("pilotage_refusals", "Files refused by this process.", ("dataset",), registry=REGISTRY)


class HouseMetrics(Collector):
    """What the domain of a house counts by itself: questions to the store and answers that were kept."""

    def __init__(self, opened: House) -> None:
        """Tell of a house."""
        self._network = opened.network

    def collect(self) -> Iterator[Metric]:
        """Yield what there is to tell."""
        asked = self._network.lake.questions
        yield SummaryMetricFamily(
            "pilotage_query_seconds", "Time of the questions to the store.", asked.count, asked.seconds
        )
        uses = self._network.uses
        found = CounterMetricFamily(
            "pilotage_cache_answers", "Answers asked for, by where they came from.", labels=["source"]
        )
        found.add_metric(["kept"], uses.kept)
        found.add_metric(["computed"], uses.computed)
        found.add_metric(["joined"], uses.joined)
        yield found
        number = "0" if WORKER.number is None else str(WORKER.number)
        yield InfoMetricFamily("pilotage_worker", "The process that tells.", {"number": number})


def may_read(request: Request, token: str | None) -> bool:
    """Whether a request is the administrator's, or bears the token."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    borne = bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), str(token).encode())
    return borne or house().visitor(request.cookies).local_administrator


def route(opened: House, token: str | None) -> Route:
    """Return the address at which a process tells what it has done."""
    own = CollectorRegistry()
    own.register(HouseMetrics(opened))

    def endpoint(request: Request) -> Response:
        if not may_read(request, token):
            return PlainTextResponse("Forbidden", status_code=403)
        content = generate_latest(REGISTRY) + generate_latest(own)
        return Response(content, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})

    return Route(ADDRESS, endpoint, methods=["GET"])
