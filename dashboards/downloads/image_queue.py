"""Fair queue for chart images: a few rendered in parallel, one per visitor; images of public charts are cached.

A visitor never waits for all the images requested by another one.
"""

import hashlib
import json
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from dashboards.downloads.chart_images import ImageError, ImageFormat, render_image
from dashboards.settings import process_settings
from dashboards.web.rate_limit import RateLimit

MAX_SLOTS_PER_VISITOR: Final = 2
"""One image being rendered, and one waiting."""
MAX_WAITING: Final = 2
"""Images of all visitors that may wait: each waiting request holds a thread that other downloads need."""
MAX_CACHED_IMAGES: Final = 100
"""Images of public charts cached, some 100 kB each."""

RenderImage = Callable[[Mapping[str, Any], ImageFormat], bytes]


class ImageQueue:
    """Renders images for many visitors: limited in parallel, one at a time for each visitor and one more waiting."""

    def __init__(self, max_parallel: int, per_minute: int, render: RenderImage = render_image) -> None:
        """Limit the images rendered in parallel, and those per minute for one visitor."""
        self._max_parallel = max_parallel
        self._rate = RateLimit(per_minute)
        self._render = render
        self._turn = threading.Condition()
        self._slots: Counter[str] = Counter()
        self._drawing: set[str] = set()
        self._cache: OrderedDict[tuple[str, ImageFormat], bytes] = OrderedDict()

    def image(self, chart: Mapping[str, Any], image_format: ImageFormat, visitor: str, *, is_public: bool) -> bytes:
        """Return an image for a visitor; an `ImageError` if rendering fails or the visitor requests too many.

        Images of public charts are cached by content: a new store version that changes the chart has another key.
        """
        key = (hashlib.sha256(json.dumps(chart, sort_keys=True).encode()).hexdigest(), image_format)
        if cached := self._cached(key):
            return cached
        with self.slot(visitor):
            # Another request may have rendered the same image meanwhile.
            content = self._cached(key) or self._render(chart, image_format)
        if is_public:
            self._store(key, content)
        return content

    def _cached(self, key: tuple[str, ImageFormat]) -> bytes | None:
        with self._turn:
            if key in self._cache:
                self._cache.move_to_end(key)
            return self._cache.get(key)

    def _store(self, key: tuple[str, ImageFormat], content: bytes) -> None:
        with self._turn:
            self._cache[key] = content
            if len(self._cache) > MAX_CACHED_IMAGES:
                self._cache.popitem(last=False)

    @contextmanager
    def slot(self, visitor: str) -> Iterator[None]:
        """Hold a slot of the queue: wait for a turn; an `ImageError` if the queue is full."""
        with self._turn:
            is_full = self._slots.total() >= self._max_parallel + MAX_WAITING
            if is_full or self._slots[visitor] >= MAX_SLOTS_PER_VISITOR or not self._rate.allows(visitor):
                raise ImageError("picture: too many at once, or in a minute")
            self._slots[visitor] += 1
            self._turn.wait_for(lambda: len(self._drawing) < self._max_parallel and visitor not in self._drawing)
            self._drawing.add(visitor)
        try:
            yield
        finally:
            with self._turn:
                self._drawing.remove(visitor)
                self._slots[visitor] -= 1
                if not self._slots[visitor]:
                    del self._slots[visitor]
                self._turn.notify_all()


@cache
def image_queue() -> ImageQueue:
    """Return the image queue of this process."""
    settings = process_settings()
    return ImageQueue(settings.pictures_at_once, settings.pictures_per_minute)
