"""Whose picture is drawn next: a few at the same time, each for another visitor, and those of public charts once.

Nobody waits for all the pictures that one other visitor asks for.
"""

import hashlib
import json
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from dashboards.downloads.chart_images import Form, PictureError, picture
from dashboards.settings import process_settings
from dashboards.web.rate_limit import RateLimit

PLACES_PER_VISITOR: Final = 2
"""One picture that is drawn, and one that waits."""
PLACES_BESIDE: Final = 2
"""Pictures of all visitors that wait while others are drawn: who waits holds a thread that other downloads need."""
KEPT_PICTURES: Final = 100
"""Of public charts, some 100 kB each: whoever comes next has them at once."""

Draw = Callable[[Mapping[str, Any], Form], bytes]


class PictureDesk:
    """Draws pictures for several visitors: so many at once, one for each, and one more of each waiting."""

    def __init__(self, at_once: int, per_minute: int, draw: Draw = picture) -> None:
        """Draw so many at once, and so many a minute for one visitor."""
        self._at_once = at_once
        self._rate = RateLimit(per_minute)
        self._draw = draw
        self._turn = threading.Condition()
        self._places: Counter[str] = Counter()
        self._drawing: set[str] = set()
        self._kept: OrderedDict[tuple[str, Form], bytes] = OrderedDict()

    def picture(self, chart: Mapping[str, Any], form: Form, visitor: str, *, public: bool) -> bytes:
        """Return a picture for somebody; a `PictureError` if it cannot be made, or if they ask for too many.

        That of a public chart is kept by its content: a new version of the store that changes the chart has another.
        """
        name = (hashlib.sha256(json.dumps(chart, sort_keys=True).encode()).hexdigest(), form)
        if kept := self._find(name):
            return kept
        with self._place(visitor):
            # Somebody may have asked for the same meanwhile.
            drawn = self._find(name) or self._draw(chart, form)
        if public:
            self._keep(name, drawn)
        return drawn

    def _find(self, name: tuple[str, Form]) -> bytes | None:
        with self._turn:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def _keep(self, name: tuple[str, Form], drawn: bytes) -> None:
        with self._turn:
            self._kept[name] = drawn
            if len(self._kept) > KEPT_PICTURES:
                self._kept.popitem(last=False)

    @contextmanager
    def _place(self, visitor: str) -> Iterator[None]:
        """Wait for one's turn."""
        with self._turn:
            crowded = self._places.total() >= self._at_once + PLACES_BESIDE
            if crowded or self._places[visitor] >= PLACES_PER_VISITOR or not self._rate.allows(visitor):
                raise PictureError("picture: too many at once, or in a minute")
            self._places[visitor] += 1
            self._turn.wait_for(lambda: len(self._drawing) < self._at_once and visitor not in self._drawing)
            self._drawing.add(visitor)
        try:
            yield
        finally:
            with self._turn:
                self._drawing.remove(visitor)
                self._places[visitor] -= 1
                if not self._places[visitor]:
                    del self._places[visitor]
                self._turn.notify_all()


@cache
def desk() -> PictureDesk:
    """Return the desk of this process."""
    settings = process_settings()
    return PictureDesk(settings.pictures_at_once, settings.pictures_per_minute)
