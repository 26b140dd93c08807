"""One clock, given and never taken: a page has one day, and so has every part of it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.clock import Clock
from indicators.intake.deposit import Accepted, deposit
from tests.builders import AUTHOR, DIRECTORY, TODAY, examine, stored, structures

if TYPE_CHECKING:
    from indicators.network import Network

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("schemas", "indicators", "dashboards")
STATEMENT = re.compile(r"\s*(select|with|insert|update|delete|call|create)\b", re.IGNORECASE)
DAY_IN_SQL = re.compile(
    r"\b(current_(date|time|timestamp)\b|(get_current_\w+|now|today|transaction_timestamp|localtime\w*)\s*\()",
    re.IGNORECASE,
)


def test_a_clock_stopped_on_a_day_says_that_day_and_any_other_the_day_of_the_machine() -> None:
    assert Clock(TODAY).today() == TODAY
    assert abs(Clock().today() - datetime.now(UTC).date()) <= timedelta(days=1)  # noqa: TID251 - what it is held against


def test_what_is_recorded_bears_its_true_moment_even_where_the_clock_is_stopped(network: Network) -> None:
    examination = examine(network, structures(*DIRECTORY))
    outcome = deposit(network, examination, AUTHOR, Clock(date(2031, 6, 15)).now())
    assert isinstance(outcome, Accepted)
    now = datetime.now(UTC).replace(tzinfo=None)  # noqa: TID251 - what it is held against
    assert abs(outcome.receipt.submitted_at - now) < timedelta(minutes=5)


def test_no_module_asks_the_machine_for_the_day_but_the_clock() -> None:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251,DTZ", "--ignore-noqa"]
    command += ["--output-format", "concise", *PACKAGES]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    places = {line.split(":")[0] for line in found.stdout.splitlines() if re.match(r"\S+\.py:\d+:\d+: ", line)}
    assert places == {"dashboards/clock.py"}, found.stdout + found.stderr


@pytest.mark.parametrize(
    "call",
    [
        "from datetime import date\nprint(date.today())",
        "import datetime\nprint(datetime.date.today())",
        "import datetime as dt\nprint(dt.datetime.now(dt.UTC))",
        "from datetime import datetime\nask = datetime.utcnow",
        "from datetime import datetime\nprint(datetime.today())",
        "import time\nprint(time.time())",
        "import time\nprint(time.localtime())",
        "from time import time_ns\nprint(time_ns())",
        "import time\nprint(time.strftime('%Y'))",
    ],
)
def test_a_module_that_asked_the_machine_for_the_day_would_be_found(call: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251,DTZ", "--ignore-noqa"]
    command += ["--stdin-filename", "indicators/asks.py", "-"]
    found = subprocess.run(command, cwd=ROOT, input=call, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "TID251" in found.stdout


def test_no_question_asks_the_store_for_the_day() -> None:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.sql")]
    sql = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        texts = [node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                 if isinstance(node, ast.Constant) and isinstance(node.value, str)]  # fmt: skip
        sql[str(path.relative_to(ROOT))] = "\n".join(text for text in texts if STATEMENT.match(text))
    assert len(files) > 10
    # Files that DuckLake replaced are removed a day later by the clock of the disk, not by a day that is shown.
    asking = {name for name, text in sql.items() if DAY_IN_SQL.search(text)}
    assert asking == {f"indicators/store/{name}" for name in ("tidy.sql", "forget.sql", "lake.py")}


# Parts of a page


def page_of_parts() -> None:
    import streamlit as st

    from dashboards.access import LOCAL_ADMINISTRATOR, get_app_state
    from dashboards.app_pages.error_handling import fragment
    from dashboards.app_pages.page_context import PageContext
    from dashboards.wording.translations import load_translator
    from indicators.snapshot import Snapshot
    from tests.builders import TODAY, stored, structure, structures

    st.session_state["pages"] = st.session_state.get("pages", 0) + 1
    visit = PageContext(get_app_state(), LOCAL_ADMINISTRATOR, load_translator("fr"), TODAY, "", {})

    def draw(now: PageContext, snapshot: Snapshot) -> None:
        st.html(f"<p>{now.today} {snapshot.version} {len(snapshot.structures)}</p>")

    with get_app_state().network.snapshot() as snapshot:
        st.html(f"<p>{visit.today} {snapshot.version} {len(snapshot.structures)}</p>")
        if st.session_state.get("busy"):
            stored(get_app_state().network, structures(structure(f"s{st.session_state['pages']}")))
        fragment(visit, snapshot, draw)


def drawn(network: Network, monkeypatch: pytest.MonkeyPatch, day: date, *, busy: bool = False) -> AppTest:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(network, clock=Clock(day)))
    page = AppTest.from_function(page_of_parts, default_timeout=20)
    page.session_state["busy"] = busy
    page.run()
    assert not page.exception
    return page


def page_texts(page: AppTest) -> list[str]:
    return [re.sub("<[^>]*>", "", each.proto.body) for each in page.get("html")]


@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2028, 2, 29), date(2031, 6, 15)])
def test_a_part_that_finds_another_day_draws_itself_for_the_day_of_its_page(
    network: Network, monkeypatch: pytest.MonkeyPatch, day: date
) -> None:
    page = drawn(network, monkeypatch, day)
    assert page.session_state["pages"] == 1
    whole, own = page_texts(page)
    assert whole == own
    assert own.startswith(str(TODAY))


def test_a_page_whose_store_is_written_all_the_time_is_drawn_once_and_its_parts_agree_with_it(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = drawn(network, monkeypatch, TODAY, busy=True)
    assert page.session_state["pages"] == 1
    whole, own = page_texts(page)
    assert whole == own


def test_a_part_drawn_anew_by_itself_keeps_the_day_of_its_page_and_leaves_it_when_the_store_has_changed(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboards.access import LOCAL_ADMINISTRATOR, PUBLIC_VISITOR
    from dashboards.app_pages import error_handling as failures
    from dashboards.app_pages.page_context import PageContext
    from dashboards.wording.translations import load_translator
    from indicators.snapshot import Snapshot

    class DrawnAnewError(Exception):
        """What Streamlit does when it is asked to draw the whole page: it stops here."""

    again: list[object] = []
    seen: list[tuple[date, int]] = []

    def rerun() -> None:
        raise DrawnAnewError

    monkeypatch.setattr(failures.st, "fragment", lambda function: again.append(function) or function)
    monkeypatch.setattr(failures.st, "rerun", rerun)
    house = AppState(network, clock=Clock(date(2031, 6, 15)))
    visit = PageContext(house, PUBLIC_VISITOR, load_translator("fr"), TODAY, "", {})

    def draw(now: PageContext, snapshot: Snapshot) -> None:
        seen.append((now.today, snapshot.version))

    with network.snapshot() as snapshot:
        failures.fragment(visit, snapshot, draw)
        version = snapshot.version
        failures.fragment(replace(visit, visitor=LOCAL_ADMINISTRATOR), snapshot, draw)
    anew, of_another_visitor = again
    assert callable(anew)
    assert callable(of_another_visitor)
    seen.clear()
    anew()
    assert seen == [(TODAY, version)]
    with pytest.raises(DrawnAnewError):
        of_another_visitor()
    assert seen == [(TODAY, version)], "the rights are those of who asks now"
    stored(network, structures(*DIRECTORY))
    with pytest.raises(DrawnAnewError):
        anew()
    assert seen == [(TODAY, version)]
