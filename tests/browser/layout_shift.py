"""How much of a page moves while it is being drawn, as Chromium itself measures it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

LIMIT = 0.1
"""Sum of the shifts of a whole visit: a tenth of the screen moved by its whole height, once."""
OBSERVER = """
window.layoutShifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const moved = entry.sources.map(({ node }) => node?.className || node?.nodeName);
    window.layoutShifts.push([entry.value, Math.round(entry.startTime), moved]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
QUIET_MS = 1_000
"""Milliseconds after the last piece is drawn."""


def observe(opened: Page | BrowserContext) -> None:
    """Record the shifts of whatever is opened from now on."""
    opened.add_init_script(OBSERVER)


def shifts(page: Page) -> list[tuple[float, int, list[str]]]:
    """Return each shift of a page that is drawn: how much, when, of what."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(QUIET_MS)
    found = page.evaluate("window.layoutShifts")
    return [(value, moment, moved) for value, moment, moved in found]


def total(page: Page) -> float:
    """Return the sum of the shifts of a page that is drawn."""
    return sum(value for value, _, _ in shifts(page))
