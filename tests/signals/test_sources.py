"""Each source against a real server or database: a number, no data, or a sentence; never ok for want of data."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from console.clock import SystemClock
from console.config.settings import TargetSettings
from console.domain.signal import SignalReading, SignalState
from console.signals.exams import Exams
from console.signals.golden import Examiner
from console.signals.sources import names, watch
from console.signals.sources.source import Tools, Watched
from console.signals.window import Window
from tests.signals.service import client, dripping, served
from tests.stores.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]

OK, BREACHED, NO_DATA, ERROR = SignalState.OK, SignalState.BREACHED, SignalState.NO_DATA, SignalState.ERROR


def watched(
    signal: dict[str, Any],
    trigger: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
    **more: Any,
) -> Watched:
    """One signal at its source; `more` are further sections of the target."""
    body = {
        "environment": "rehearsal",
        "azure": {"subscription": "s", "resource_group": "g"},
        "code": {"container_app": "bot"},
        "signals": [{"name": "x", **signal}],
        "triggers": [{"signal": "x", **trigger}] if trigger else [],
        **more,
    }
    settings, clock, http = TargetSettings.model_validate(body), SystemClock(), client()
    exams = Exams(settings, Examiner(settings, http, clock, {}), None, clock)
    tools = Tools(settings, clock, Window(), exams, http, None, environment or {})
    return watch(tools, settings.signals[0], settings.trigger("x"))


async def read(one: Watched) -> SignalReading:
    try:
        reading = await one.measure()
    finally:
        await one.close()
    assert reading is not None
    return reading


def test_every_source_of_the_configuration_is_one_module() -> None:
    assert set(names()) == {"probe", "calls", "golden", "azure-monitor", "prometheus", "http-json"}


def vector(*values: str) -> dict[str, Any]:
    result = [{"metric": {"n": str(index)}, "value": [1.0, value]} for index, value in enumerate(values)]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


PROMETHEUS = [
    (vector("7.5"), 200, BREACHED, ""),
    (vector("0"), 200, OK, ""),
    ({"status": "success", "data": {"resultType": "scalar", "result": [1.0, "2"]}}, 200, OK, ""),
    (vector(), 200, NO_DATA, "the query gives no series"),
    (vector("NaN"), 200, NO_DATA, "the query gives NaN"),
    (vector("+Inf"), 200, NO_DATA, "the query gives +Inf"),
    (vector("1", "2"), 200, ERROR, "Prometheus (x): the query gives 2 series: make it give one, such as by sum()"),
    (vector("much"), 200, ERROR, "Prometheus (x): much is not a number"),
    ({"status": "success", "data": {"resultType": "matrix", "result": []}}, 200, ERROR, "gives a matrix"),
    ({"status": "error", "error": "parse error \x1b[2J"}, 400, ERROR, "Prometheus (x): parse error \\x1b[2J"),
    ({"status": "success"}, 200, ERROR, "gives a None"),
    ([], 200, ERROR, "is not Prometheus's"),
    ({"status": "success", "data": {"resultType": "vector", "result": [1]}}, 200, ERROR, "is not Prometheus's"),
    ({}, 502, ERROR, "Prometheus (x): answered 502"),
]


@pytest.mark.parametrize(("body", "status", "state", "detail"), PROMETHEUS)
async def test_what_prometheus_says(body: Any, status: int, state: SignalState, detail: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.path == "/prom/api/v1/query"
        assert (await request.post())["query"] == 'sum(rate(errors{app="bot"}[5m]))'
        return web.json_response(body, status=status)

    async with served(answer) as url:
        query = 'sum(rate(errors{app="bot"}[5m]))'
        signal = {"source": "prometheus", "url": f"{url}/prom/", "query": query}
        reading = await read(watched(signal, {"above": 5}))

    assert (reading.state, detail in reading.detail) == (state, True), reading.detail
    assert (reading.value is None) == (state in (NO_DATA, ERROR))


async def test_a_proxy_that_lets_only_reads_through_is_asked_by_get() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            return web.Response(status=405)
        return web.json_response(vector("3")) if request.query["query"] == "up + 1" else web.Response(status=404)

    async with served(answer) as url:
        reading = await read(watched({"source": "prometheus", "url": url, "query": "up + 1"}, {"above": 5}))

    assert (reading.state, reading.value) == (OK, 3.0)


@pytest.mark.parametrize(
    ("body", "state", "detail"),
    [
        ('{"a": {"p95": 0.42}}', OK, ""),
        ('{"a": {"p95": "9"}}', BREACHED, ""),
        ('{"a": {"p95": null}}', NO_DATA, "it gives no number"),
        ('{"a": {"p95": NaN}}', NO_DATA, "it gives no number"),
        ('{"a": {"p95": 1e999}}', NO_DATA, "it gives no number"),
        ('{"a": {}}', NO_DATA, "nothing at /a/p95"),
        ('{"a": {"p95": true}}', ERROR, "x: what stands at /a/p95 is not a number"),
        ('{"a": {"p95": {}}}', ERROR, "is not a number"),
        ("<html>", ERROR, "x: its answer is not JSON"),
        ("[" * 100_000, ERROR, "x: its answer is not JSON"),
        (" " * 2_000_000, ERROR, "x: its answer is too large"),
    ],
)
async def test_json_over_http(body: str, state: SignalState, detail: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body)

    async with served(answer) as url:
        reading = await read(watched({"source": "http-json", "url": url, "pointer": "/a/p95"}, {"above": 5}))

    assert (reading.state, detail in reading.detail) == (state, True), reading.detail


async def test_addresses_and_headers_come_from_the_environment_and_are_never_shown() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        allowed = request.headers.get("X-Api-Key") == "opaque" and request.query.get("code") == "hidden"
        return web.json_response(1) if allowed else web.Response(status=401)

    signal = {"source": "http-json", "url": "env:WHERE", "pointer": "", "headers": {"x-api-key": "env:KEY"}}
    async with served(answer) as url:
        found = {"WHERE": f"{url}/?code=hidden", "KEY": "opaque"}
        told = await read(watched(signal, environment=found))
        untold = await read(watched(signal, environment={"WHERE": url}))
    gone = await read(watched(signal, environment={"WHERE": "http://127.0.0.1:9/?code=hidden", "KEY": "opaque"}))

    assert (told.state, told.value) == (OK, 1.0)
    assert (untold.state, untold.detail) == (ERROR, "x: the environment variable KEY is not set")
    assert gone.state is ERROR
    assert "hidden" not in gone.detail


async def test_a_redirect_is_not_followed_and_an_endless_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("console.signals.sources.foreign.WITHIN_S", 0.3)

    async def away(request: web.Request) -> web.StreamResponse:
        if request.path == "/endless":
            return await dripping(request)
        raise web.HTTPFound("http://169.254.169.254/metadata")

    async with served(away) as url:
        redirected = await read(watched({"source": "http-json", "url": url, "pointer": ""}))
        endless = await read(watched({"source": "http-json", "url": f"{url}/endless", "pointer": ""}))

    assert (redirected.state, redirected.detail) == (ERROR, "x: answered 302")
    assert (endless.state, endless.detail) == (ERROR, "x: no answer in time")


def logged(path: Path, *statuses: tuple[float, int | None]) -> str:
    """A call log whose calls were so many seconds ago and ended so."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE llm_calls (at TEXT, status INTEGER)")
        now = datetime.now(UTC)
        rows = [((now - timedelta(seconds=ago)).isoformat(), status) for ago, status in statuses]
        connection.executemany("INSERT INTO llm_calls VALUES (?, ?)", rows)
    connection.close()
    return f"sqlite:///{path}"


async def test_the_share_of_failed_calls_is_of_the_triggers_window(tmp_path: Path) -> None:
    url = logged(tmp_path / "c.db", *[(300, 500)] * 50, *[(10, 200)] * 36, *[(5, 503)] * 4)
    calls = {"url": url, "columns": {"status": "status"}}

    enough = await read(watched({"source": "calls"}, {"above": 5, "for_s": 60, "min_count": 30}, calls=calls))
    few = await read(watched({"source": "calls"}, {"above": 5, "for_s": 60, "min_count": 50}, calls=calls))
    none = await read(watched({"source": "calls"}, {"above": 5, "for_s": 1}, calls=calls))

    assert (enough.state, enough.value, enough.count) == (BREACHED, 10.0, 40)
    assert (few.state, few.detail) == (NO_DATA, "40 of 50 calls")
    assert (none.state, none.detail) == (NO_DATA, "no calls in the last 1 s")


@pytest.mark.parametrize(
    ("query", "state", "detail"),
    [
        ("SELECT count(*) FROM llm_calls WHERE status LIKE '5%'", BREACHED, ""),
        ("SELECT avg(status) FROM llm_calls WHERE status < 0", NO_DATA, "the query gives no number"),
        ("SELECT status FROM llm_calls WHERE status < 0", NO_DATA, "the query gives no row"),
        ("SELECT status FROM llm_calls", ERROR, "the call log: the query must give one number"),
        ("SELECT 'much'", ERROR, "the call log: much is not a number"),
        ("SELECT nowhere", ERROR, "no such column"),
    ],
)
async def test_a_query_of_the_teams_own_gives_one_number(
    tmp_path: Path, query: str, state: SignalState, detail: str
) -> None:
    calls = {"url": logged(tmp_path / "c.db", *[(1, 500)] * 6)}

    reading = await read(watched({"source": "calls", "query": query}, {"above": 5}, calls=calls))

    assert (reading.state, detail in reading.detail) == (state, True), reading.detail


async def test_a_query_may_hold_a_percent_sign_and_an_exact_number_in_postgresql(postgres_url: str) -> None:
    query = "SELECT 7.25::numeric WHERE 'abc' LIKE 'a%'"

    reading = await read(watched({"source": "calls", "query": query}, {"above": 5}, calls={"url": postgres_url}))

    assert (reading.state, reading.value) == (BREACHED, 7.25), reading.detail


async def test_a_call_log_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    calls = {"url": f"sqlite:///{tmp_path}/none/c.db", "columns": {"status": "status"}}

    reading = await read(watched({"source": "calls"}, calls=calls))

    assert (reading.state, reading.value) == (ERROR, None)


async def test_golden_questions_that_cannot_be_read_are_no_data_with_every_mistake(tmp_path: Path) -> None:
    (tmp_path / "golden.toml").write_text("path = 'x'\n")
    golden = {"questions": str(tmp_path / "golden.toml")}

    reading = await read(watched({"source": "golden"}, golden=golden, probe={"url": "http://127.0.0.1:9"}))

    assert reading.state is NO_DATA
    assert "has 2 mistakes:" in reading.detail
    assert json.dumps(reading.detail).isascii()
