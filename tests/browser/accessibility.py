"""What axe finds on a page, from its head to its foot.

It sees colours only where the window shows them: the window is as high as the page, and what is folded is unfolded.
"""

from __future__ import annotations

from typing import Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LEVELS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
HEIGHT: Final = """() => Math.max(
    document.documentElement.scrollHeight, document.querySelector('[data-testid="stMain"]')?.scrollHeight ?? 0)"""


def violations(page: Page) -> list[str]:
    """Return what axe finds in the whole of a page that is drawn: rule, elements."""
    for folded in page.locator("details:not([open]) > summary").all():
        if folded.is_visible():
            folded.click()
    width = page.viewport_size["width"] if page.viewport_size else 1440
    # What is drawn in a higher window may be higher still.
    for _ in range(2):
        page.set_viewport_size({"width": width, "height": min(page.evaluate(HEIGHT) + 50, 16_000)})
        page.wait_for_timeout(200)
    found = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": LEVELS}})
    return [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]
