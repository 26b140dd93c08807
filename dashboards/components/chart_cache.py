"""Rendered charts, cached for all readers by what they depend on."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import Any, Final, Protocol

import polars as pl

MAX_CACHED_CHARTS: Final = 400
"""Rendered charts cached, some 30 kB each: rendering one takes a hundred times longer."""
MAX_CACHED_LARGE_CHARTS: Final = 16
"""Rendered charts of thousands of points cached, some 250 kB each."""


class Chart(Protocol):
    """What pages need of a chart: its Vega-Lite specification."""

    def to_dict(self, validate: bool = True) -> dict[str, Any]:
        """Return the Vega-Lite specification."""


@dataclass(frozen=True)
class ChartRequest:
    """A chart to render, with the cache key of everything it depends on."""

    cache_key: tuple[str, ...]
    build: Callable[[], Chart] = field(compare=False)


@dataclass(frozen=True)
class RenderedChart:
    """A chart as it is sent: its specification as JSON, its rows as Arrow by dataset name.

    Both are immutable, so cached ones are safe to share between readers.
    """

    spec: str
    datasets: Mapping[str, bytes]

    def to_dict(self) -> dict[str, Any]:
        """Return the specification as Streamlit takes it; it passes rows in Arrow on unchanged."""
        return {**json.loads(self.spec), "datasets": dict(self.datasets)}


def render_chart(request: ChartRequest, *, large: bool = False) -> RenderedChart:
    """Render a chart, or return it from the cache; a `large` one has thousands of points."""
    return _render_large_cached(request) if large else _render_cached(request)


@lru_cache(maxsize=MAX_CACHED_CHARTS)
def _render_cached(request: ChartRequest) -> RenderedChart:
    """Render a chart, or return it from the cache."""
    return _render(request.build)


@lru_cache(maxsize=MAX_CACHED_LARGE_CHARTS)
def _render_large_cached(request: ChartRequest) -> RenderedChart:
    """Render a chart of thousands of points, or return it from the cache."""
    return _render(request.build)


def _render(build: Callable[[], Chart]) -> RenderedChart:
    """Render a chart: JSON specification and Arrow datasets.

    Charts are built of typed parts and tested: validating the schema at run time would cost more than all the rest.
    """
    spec = build().to_dict(validate=False)
    datasets = {name: _to_arrow(values) for name, values in spec.pop("datasets", {}).items()}
    return RenderedChart(json.dumps(spec), datasets)


def _to_arrow(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Serialise rows as an Arrow stream that browsers can read.

    Streamlit would otherwise do it for each reader through pandas: 50 MB, used for nothing else here.
    """
    stream = BytesIO()
    pl.DataFrame(rows, infer_schema_length=None).write_ipc_stream(stream, compat_level=pl.CompatLevel.oldest())
    return stream.getvalue()
