"""What a server writes of what it does: a line an event, nothing of a stranger's raw, no secret; and its metrics."""

from __future__ import annotations

import io
import json
import logging
import re
import time

import pytest

from dashboards.settings import LogFormat, Settings
from dashboards.web.logging_setup import (
    CURRENT_REQUEST,
    JsonFormatter,
    RequestContext,
    TextFormatter,
    escape_for_log,
    log_fields,
)
from dashboards.web.request_log import address_kind
from tests.served import Served, ask
from tests.server.conftest import TOKEN

FORGED = "\n2026-11-24T00:00:00.000Z ERROR dashboards: forged"
HOSTILE = (
    "a\nb", "a\r\nb", "\x1b[31mred\x1b[0m", "\x00", "\x07", "\x85", "\u2028x", "\u2029x", "\u202egnp.exe", "\u200b",
    "\ufeff", "\ud800", "\U000e0041", "\x9b31m", FORGED,
)  # fmt: skip


def written(formatter: logging.Formatter, message: str, *values: object, **known: object) -> str:
    """Return what a logger writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("dashboards.test")
    logger.addHandler(handler)
    logger.warning(message, *values, **known)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_a_text_of_a_stranger_makes_one_line_and_speaks_to_no_terminal(formatter: logging.Formatter, text: str) -> None:
    line = written(formatter, "deposit of %s", text, extra=log_fields(path=text))
    assert line.count("\n") == 1
    assert line.endswith("\n")
    assert line[:-1].isprintable()


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_a_text_of_a_stranger_is_cut(formatter: logging.Formatter) -> None:
    assert len(written(formatter, "deposit of %s", "x" * 10_000_000)) < 3_000


def test_the_text_of_a_failure_cannot_look_like_a_line_of_its_own() -> None:
    try:
        raise ValueError(FORGED + "\x1b[2J")
    except ValueError:
        lines = written(TextFormatter(), "a page failed", exc_info=True).splitlines()
    assert all(line.startswith("  | ") for line in lines[1:])
    assert all(line.isprintable() for line in lines)
    assert any("forged" in line for line in lines)


def test_letters_of_all_languages_stay_readable_as_text() -> None:
    assert escape_for_log("élève « été » Œuvre 50 €") == "élève « été » Œuvre 50 €"


@pytest.mark.parametrize(
    "text",
    [
        "ducklake:postgres:host=db user=u password=hush-hush dbname=x",
        "ducklake:postgres:host=db password='hush-hush \\' more' dbname=x",
        "postgresql://user:hush-hush@db/x",
        "GET /?cle=hush-hush HTTP/1.1",
        "/structure?periode=2026-T3&cle=hush-hush",
    ],
)
def test_passwords_and_keys_are_not_written_whoever_writes_them(text: str) -> None:
    for formatter in (TextFormatter(), JsonFormatter()):
        assert "hush" not in written(formatter, "store %s", text)


def test_a_line_says_who_asked_and_in_which_request() -> None:
    token = CURRENT_REQUEST.set(RequestContext("abc", "public"))
    try:
        line = json.loads(written(JsonFormatter(), "shown", extra=log_fields(page="/structure", ms=12.5)))
    finally:
        CURRENT_REQUEST.reset(token)
    assert (line["request"], line["who"], line["page"], line["ms"]) == ("abc", "public", "/structure", 12.5)
    assert line["level"] == "warning"


def test_what_strangers_ask_for_is_counted_under_few_names() -> None:
    kinds = {address_kind(path) for path in ("/", "/x" * 99, "/api/x", "/static/a.js", "/media/y", "/_stcore/z", "/\n")}
    assert kinds == {"page", "data", "file", "media", "inner"}


def test_a_short_token_is_refused_and_none_is_shown() -> None:
    with pytest.raises(ValueError, match="metrics_token"):
        Settings(metrics_token="short")  # type: ignore[arg-type]
    assert TOKEN not in repr(Settings(metrics_token=TOKEN, log=LogFormat.JSON))  # type: ignore[arg-type]


def lines_of(served: Served, count: int, **parts: str) -> list[dict[str, object]]:
    """Return the lines of which some parts hold these texts: each is written just after its answer."""
    assert served.log is not None
    for _ in range(200):
        lines = [json.loads(line) for line in served.log.read_text().splitlines()]
        found = [line for line in lines if all(text in str(line.get(name)) for name, text in parts.items())]
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(parts)


def test_every_line_of_a_server_is_one_object_and_its_id_is_that_of_the_answer(site: Served) -> None:
    answer = ask(site.address, "/api/structures.json")
    (line,) = lines_of(site, 1, request=answer.headers["x-request-id"])
    assert (line["path"], line["status"], line["who"], line["method"]) == (
        *("/api/structures.json", 200, "public"),
        "GET",
    )
    assert isinstance(line["ms"], float)


@pytest.mark.parametrize("path", ["/media/hush-hush.csv", "/_stcore/upload_file/hush-hush/file"])
def test_what_opens_a_file_or_a_session_is_not_written(site: Served, path: str) -> None:
    answer = ask(site.address, path)
    (line,) = lines_of(site, 1, request=answer.headers["x-request-id"])
    assert str(line["path"]).endswith("/…")
    assert site.log is not None
    assert "hush" not in site.log.read_text()


def test_a_key_in_an_address_is_not_written(site: Served) -> None:
    answer = ask(site.address, "/?cle=hush-hush")
    lines_of(site, 1, request=answer.headers["x-request-id"])
    assert site.log is not None
    assert "hush" not in site.log.read_text()


def test_the_id_of_a_request_is_ours_and_never_the_sender_s(site: Served) -> None:
    answer = ask(site.address, "/healthz", X_Request_Id="chosen-by-a-stranger")
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])


def test_refusals_have_an_id_too(site: Served) -> None:
    for path, headers in (("/healthz", {"Host": "elsewhere.example"}), ("/nowhere", {}), ("/metrics", {})):
        answer = ask(site.address, path, **headers)
        assert answer.status in {403, 404}
        assert "x-request-id" in answer.headers


def test_four_hundred_forged_lines_are_written_escaped(site: Served) -> None:
    for _ in range(4):
        ask(site.address, "/" + "%0A%1B%5B31mforged%0D" * 100)
    assert len(lines_of(site, 4, path="forged")) == 4
    assert site.log is not None
    assert site.log.read_text().replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}, {"Authorization": f"Basic {TOKEN}"}]
)
def test_strangers_are_told_no_metrics(site: Served, header: dict[str, str]) -> None:
    assert ask(site.address, "/metrics", **header).status == 403


def test_whoever_bears_the_token_and_the_administrator_are(site: Served) -> None:
    ask(site.address, "/healthz")
    metrics = ask(site.address, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert metrics.status == 200
    assert ask(site.address, "/metrics", **site.cookie).status == 200
    assert metrics.headers["content-type"].startswith("text/plain")
    for name in (
        'pilotage_requests_total{kind="health",status="200"}',
        "pilotage_request_seconds_bucket",
        "pilotage_sessions ",
        "pilotage_query_seconds_count",
        'pilotage_cache_answers_total{source="kept"}',
        'pilotage_worker_info{number="0"}',
    ):
        assert name in metrics.text
    for name in ("pilotage_deposits", "pilotage_refusals"):
        assert f"# TYPE {name}_total counter" in metrics.text


def test_metrics_name_no_address_that_a_stranger_chose(site: Served) -> None:
    ask(site.address, "/zanzibar-of-a-stranger")
    assert "zanzibar" not in ask(site.address, "/metrics", Authorization=f"Bearer {TOKEN}").text
