"""The exam: who is asked, what passes, and what no answer can do to whoever asks."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web

from console.clock import SystemClock
from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.failure import Failure
from console.domain.golden import Check, Question
from console.signals import judge as judging
from console.signals.golden import Examiner
from console.signals.judge import judge, judge_apart
from tests.signals.service import client, dripping, served

EXAM = """
path = "/chat"
timeout_s = 5
[[question]]
name = "dose"
json = { question = "How much?" }
at = "/answer"
contains = "400 mg"
[[question]]
name = "shape"
json = { question = "What?" }
schema = { type = "object", required = ["answer"] }
[[question]]
name = "source"
json = { question = "Where?" }
document = "leaflet-"
"""
RIGHT = {"answer": "At most 400 MG.", "sources": [{"id": "leaflet-12", "score": 0.9}]}
CATASTROPHIC = Question("slow", "/", (Check("regex", "(a+)+$"),))


def settings(home: Path, url: str, exam: str = EXAM, **golden: float) -> TargetSettings:
    (home / "golden.toml").write_text(exam)
    body = {
        "environment": "rehearsal",
        "azure": {"subscription": "s", "resource_group": "g"},
        "code": {"container_app": "bot"},
        "probe": {"url": url, "revision_url": f"{url}/-/{{revision}}"},
        "golden": golden,
    }
    return TargetSettings.model_validate(body).model_copy(update={"home": str(home)})


def examiner(target: TargetSettings, **environment: str) -> Examiner:
    return Examiner(target, client(), SystemClock(), environment)


def revision(name: str) -> Revision:
    return Revision(name, True, "", "Running", "Provisioned", 1, "image", None, "")


async def right(request: web.Request) -> web.StreamResponse:
    return web.json_response(RIGHT)


async def test_all_right(tmp_path: Path) -> None:
    async with served(right) as url:
        result = await examiner(settings(tmp_path, url)).examine(None)

    assert result is not None
    assert result.perfect
    assert result.words == "3/3"


async def test_each_wrong_answer_is_named_with_its_reason(tmp_path: Path) -> None:
    async def wrong(request: web.Request) -> web.StreamResponse:
        asked = (await request.json())["question"]
        if asked == "How much?":
            return web.json_response({"answer": "I do not know."})
        return web.json_response(["no object"]) if asked == "What?" else web.json_response({}, status=503)

    async with served(wrong) as url:
        result = await examiner(settings(tmp_path, url)).examine(None)

    assert result is not None
    assert result.words == "0/3"
    reasons = dict(result.failures)
    assert reasons["dose"] == "does not contain “400 mg”"
    assert "is not of type 'object'" in reasons["shape"]
    assert reasons["source"] == "answered 503"


async def test_two_revisions_are_asked_side_by_side_by_their_own_addresses(tmp_path: Path) -> None:
    async def by_revision(request: web.Request) -> web.StreamResponse:
        return web.json_response(RIGHT if "v41" in request.path else {"answer": "400 mg", "sources": []})

    async with served(by_revision) as url:
        results = await examiner(settings(tmp_path, url)).compare(None, [revision("bot--v41"), revision("bot--v42")])

    assert {whom: result.words for whom, result in results.items()} == {"bot--v41": "3/3", "bot--v42": "2/3"}
    assert results["bot--v42"].failures == (("source", "leaflet- is not among its sources (there are none)"),)


async def test_what_is_not_answered_is_neither_passed_nor_failed(tmp_path: Path) -> None:
    target = settings(tmp_path, "http://127.0.0.1:9")

    result = await examiner(target).examine(None)

    assert result is not None
    assert not result.measured
    assert not result.perfect
    assert (result.unasked, result.failures) == (3, ())
    assert result.silence
    assert result.words == "not answered"


async def test_without_an_address_nothing_is_asked(tmp_path: Path) -> None:
    target = settings(tmp_path, "")
    state = CodeState("bot", "Multiple", "", "", "", False, (), (), None)

    result = await examiner(target).examine(state)

    assert result is not None
    assert result.silence == "it has no address that can be asked from here"


async def test_a_service_that_does_not_let_us_in_says_nothing_of_its_answers(tmp_path: Path) -> None:
    async def closed(request: web.Request) -> web.StreamResponse:
        return web.Response(status=403)

    async with served(closed) as url:
        result = await examiner(settings(tmp_path, url)).examine(None)

    assert result is not None
    assert (result.asked, result.silence) == (0, "we may not ask it (403)")


async def test_a_header_from_the_environment_is_sent_and_a_missing_one_is_named(tmp_path: Path) -> None:
    seen: set[str] = set()

    async def noting(request: web.Request) -> web.StreamResponse:
        seen.add(request.headers["Authorization"])
        return web.json_response(RIGHT)

    exam = EXAM.replace("timeout_s = 5\n", 'timeout_s = 5\nheaders = { Authorization = "Bearer env:TOKEN" }\n')
    async with served(noting) as url:
        target = settings(tmp_path, url, exam)
        told = await examiner(target, TOKEN="opaque").examine(None)
        untold = await examiner(target).examine(None)

    assert told is not None
    assert told.perfect
    assert seen == {"Bearer opaque"}
    assert untold is not None
    assert untold.silence == "the environment variable TOKEN is not set"


async def test_an_endless_answer_is_bounded_in_time_and_a_huge_one_in_size(tmp_path: Path) -> None:
    async def hostile(request: web.Request) -> web.StreamResponse:
        asked = (await request.json())["question"]
        if asked == "What?":
            return await dripping(request)
        return web.Response(body=b"4" * 3_000_000) if asked == "Where?" else web.json_response(RIGHT)

    async with served(hostile) as url:
        result = await examiner(settings(tmp_path, url, within_s=0.6)).examine(None)

    assert result is not None
    assert (result.passed, result.unasked) == (1, 1)
    assert dict(result.failures)["source"].startswith("its answer is too large")


async def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    async def away(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("http://169.254.169.254/metadata")

    async with served(away) as url:
        result = await examiner(settings(tmp_path, url)).examine(None)

    assert result is not None
    assert {reason for _, reason in result.failures} == {"answered 302"}


async def test_a_file_that_cannot_be_used_is_a_failure_with_its_mistakes(tmp_path: Path) -> None:
    target = settings(tmp_path, "http://127.0.0.1:9", "[[question]]\n")

    with pytest.raises(Failure, match=r"line 1: question 1\.name: this key is needed"):
        await examiner(target).examine(None)


async def test_without_golden_questions_there_is_no_result(tmp_path: Path) -> None:
    target = settings(tmp_path, "http://127.0.0.1:9").model_copy(update={"golden": None})

    assert await examiner(target).examine(None) is None


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (Check("contains", "mg", "/answer"), None),
        (Check("contains", "mg", "/nowhere"), "nothing at /nowhere"),
        (Check("lacks", "AT MOST"), "contains “AT MOST”"),
        (Check("regex", r"\d{3} MG"), None),
        (Check("regex", r"\d{4}"), r"does not match \d{4}"),
        (Check("document", "leaflet-12", "/sources"), None),
        (Check("document", "leaflet-9", "/sources"), "leaflet-9 is not among its sources (but leaflet-12)"),
        (Check("schema", {"properties": {"answer": {"maxLength": 3}}}), "does not fit its schema: $.answer: "),
        (Check("schema", {"$ref": "http://127.0.0.1:9/x"}), "refers to http://127.0.0.1:9/x, which is not fetched"),
    ],
)
def test_what_each_check_wants(check: Check, reason: str | None) -> None:
    told = judge(Question("q", "/", (check,)), 200, json.dumps(RIGHT).encode())

    assert told is None if reason is None else reason in (told or "")


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"\xff\xfe", b"[" * 200_000, b'{"sources": 1}', b"NaN", b'"\\ud800"']
)
def test_no_answer_breaks_the_judge(body: bytes) -> None:
    question = Question("q", "/", (Check("document", "x", "/sources"),))

    assert judge(question, 200, body)


def test_a_reason_carries_nothing_that_moves_a_cursor() -> None:
    body = json.dumps({"sources": ["\x1b[2J\u202e"]}).encode()

    told = judge(Question("q", "/", (Check("document", "x", "/sources"),)), 200, body)

    assert told is not None
    assert "\x1b" not in told
    assert "\u202e" not in told


async def test_a_catastrophic_expression_ends_in_its_own_process_while_the_loop_runs_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judging, "APART_S", 1.5)
    before = Question("before", "/", (Check("regex", "a"),))
    judged = [(before, 200, b"aaaa"), (CATASTROPHIC, 200, b"a" * 60 + b"!"), (before, 200, b"bbbb")]
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.02)
            ticks += 1

    ticking = asyncio.create_task(tick())
    verdicts = await asyncio.to_thread(judge_apart, judged)
    ticking.cancel()

    assert verdicts == [None, judging.TOO_LONG, "does not match a"]
    assert ticks > 20
