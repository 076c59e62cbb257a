"""The stores of a stage: a call log, writers from outside at any moment, files beside the database, a repository."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import threading
import tomllib
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from console.config import golden_file, load
from console.simulator import pipeline, scenarios
from console.simulator.configuration import rehearsal_config
from console.simulator.scenarios import SCENARIOS
from console.simulator.server import Addresses
from console.simulator.stores.embedders import likeness, places, vector
from console.simulator.stores.furnish import furnish, stamp
from console.simulator.stores.knowledge import DOCUMENTS, QUESTIONS, document_of
from tests.simulator.driving import ACCOUNT, START, V41, V42
from tests.simulator.staging import Staged, staged

LIVE = f"at >= '{stamp(START)}'"
PAST = f"at < '{stamp(START)}'"


async def test_each_chat_leaves_one_row(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        answers = [await stage.chat() for _ in range(5)]
        rows = stage.calls("at, prompt_name, prompt_version, revision, model, request_id, status", LIVE)
    assert len(rows) == 5
    assert {row[:5] for row in rows} == {(stamp(START), "drug_info", 6, V42, "gpt-4o-2024-08-06")}
    assert [row[5] for row in rows] == [one.header("x-request-id") for one in answers]
    assert {row[6] for row in rows} == {200}


async def test_the_background_traffic_is_logged_too(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        stage.clock.enough_at = START + timedelta(seconds=10)
        with contextlib.suppress(asyncio.CancelledError):
            await stage.stage.play_traffic(every_s=1)
        assert stage.calls("count(*)", LIVE) == [(9,)]


async def test_health_pages_and_what_the_ingress_answers_are_no_calls(tmp_path: Path) -> None:
    with staged("crash-loop", tmp_path) as stage:
        assert (await stage.chat()).status == 503
        assert stage.calls("*", LIVE) == []


@pytest.mark.parametrize(
    ("scenario", "columns", "before", "after", "since_min"),
    [
        ("bad-prompt", "prompt_version, status", (6, 200), (7, 200), 12),
        ("two-changes", "prompt_version", (6,), (7,), 40),
        ("two-changes", "revision", (V41,), (V42,), 10),
        ("model-drift", "model, status", ("gpt-4o-2024-08-06", 200), ("gpt-4o-2024-11-20", 200), 25),
        ("breaking-migration", "status", (200,), (500,), 18),
        ("app-wide", "status", (200,), (500,), 15),
        ("bad-image", "revision", (V41,), (V42,), 12),
    ],
)
def test_the_calls_of_the_past_tell_when_it_began(
    scenario: str, columns: str, before: tuple[object], after: tuple[object], since_min: int, tmp_path: Path
) -> None:
    began = stamp(START - timedelta(minutes=since_min))
    with staged(scenario, tmp_path) as stage:
        assert set(stage.calls(columns, f"at < '{began}'")) == {before}
        assert set(stage.calls(columns, f"at >= '{began}' AND {PAST}")) == {after}
        assert stage.calls("min(at)")[0][0] < stamp(START - timedelta(minutes=119))


async def test_a_database_that_somebody_locks_stops_neither_answers_nor_the_log(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage, closing(sqlite3.connect(stage.stores.path)) as other:
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        assert await stage.passed() == len(QUESTIONS)
        other.execute("ROLLBACK")
        assert stage.calls("*", LIVE) == []
        await stage.chat()
        assert len(stage.calls("*", LIVE)) == len(QUESTIONS) + 1


async def test_a_database_that_is_gone_is_500_until_it_is_there_again(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        assert (await stage.chat()).status == 200
        for path in tmp_path.glob("service.db*"):
            path.unlink()
        answer = await stage.chat()
        assert (answer.status, answer.json()["error"]) == (500, "unable to open database file")
        furnish(tmp_path, START)
        assert await stage.passed() == len(QUESTIONS)


async def test_what_is_no_database_is_500(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        stage.stores.path.unlink()
        stage.stores.path.write_text("nothing of the kind, at some length" * 100)
        assert (await stage.chat()).status == 500


async def test_many_writers_beside_the_service_lose_nothing(tmp_path: Path) -> None:
    stop = threading.Event()
    troubles: list[Exception] = []

    def turning() -> None:
        """Another console: v6 and v7 in turn, each in one transaction."""
        with closing(sqlite3.connect(tmp_path / "service.db", timeout=10, isolation_level=None)) as other:
            version = 6
            while not stop.is_set():
                version = 13 - version
                try:
                    other.execute("BEGIN IMMEDIATE")
                    other.execute("UPDATE system_prompts SET is_active = 0 WHERE name = 'drug_info'")
                    query = "UPDATE system_prompts SET is_active = 1 WHERE name = 'drug_info' AND version = ?"
                    other.execute(query, (version,))
                    other.execute("COMMIT")
                except sqlite3.Error as error:
                    troubles.append(error)
                    return

    with staged("healthy", tmp_path) as stage:
        threads = [threading.Thread(target=turning) for _ in range(2)]
        for thread in threads:
            thread.start()
        statuses = [(await stage.chat()).status for _ in range(300)]
        stop.set()
        for thread in threads:
            thread.join()
        await stage.chat()
        assert not troubles
        assert set(statuses) == {200}
        assert len(stage.calls("*", LIVE)) == 301
        assert {row[0] for row in stage.calls("prompt_version", LIVE)} <= {6, 7}


async def test_two_stages_beside_each_other_do_not_touch(tmp_path: Path) -> None:
    with staged("bad-prompt", tmp_path / "one") as one, staged("bad-prompt", tmp_path / "other") as other:
        one.sql("UPDATE system_prompts SET is_active = 0 WHERE version = 7")
        one.sql("UPDATE system_prompts SET is_active = 1 WHERE name = 'drug_info' AND version = 6")
        assert (await one.passed(), await other.passed()) == (len(QUESTIONS), 0)
        assert len(one.calls("*", LIVE)) == len(other.calls("*", LIVE)) == len(QUESTIONS)


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_each_scenario_s_configuration_is_taken_with_all_layers(name: str, tmp_path: Path) -> None:
    with staged(name, tmp_path / "stores") as stage:
        held = stage.stores.repository
        addresses = Addresses(
            *("http://127.0.0.1:1", "http://127.0.0.1:2", "", "", "s", "t", "c", "", "pharmabot-rg", "pharmabot"),
            stores=str(stage.stores.path),
            repository=str(held.clone) if held else None,
        )
        config = tmp_path / "rollback.toml"
        config.write_text(rehearsal_config(addresses, scenario=name))
        target = load(config).targets["pharmabot"]
        sections = (target.prompt, target.calls, target.model, target.embedding, target.schema_)
        assert all(section is not None for section in sections)
        assert (target.golden is None) == (name == "internal-ingress")
        assert (target.prompt.mode == "git") == (name == "bad-prompt-git")
        assert target.code.expects_env.keys() == {"schema", "embedder", "model"}


def test_the_exam_can_be_read_and_asks_eight_things(tmp_path: Path) -> None:
    furnish(tmp_path, START)
    assert len(golden_file.load(tmp_path / "golden.toml")) == 8


def test_the_recall_questions_hold_what_each_embedder_makes_of_them(tmp_path: Path) -> None:
    furnish(tmp_path, START)
    found = tomllib.loads((tmp_path / "recall.toml").read_text())["questions"]
    assert len(found) == 5
    for one in found:
        assert all(list(held) == vector(embedder, one["text"]) for embedder, held in one["vectors"].items())


@pytest.mark.parametrize("embedder", ["text-embedding-3-small", "text-embedding-ada-002", "text-embedding-3-large"])
def test_each_embedder_understands_itself_and_no_other(embedder: str) -> None:
    for _, question, leaflet, _ in QUESTIONS:
        asked = places(embedder, question)
        best = max(DOCUMENTS, key=lambda one: likeness(asked, places(embedder, one[1])))
        assert best[0] == document_of(leaflet)
        assert likeness(asked, places("another", dict(DOCUMENTS)[document_of(leaflet)])) < 0.2


def _in_git(folder: Path) -> contextlib.AbstractContextManager[Staged]:
    return staged("bad-prompt-git", folder)


def _git(folder: Path, *arguments: str) -> str:
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    told = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env={**os.environ, **alone},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.strip()


async def test_a_revision_answers_by_the_prompt_of_its_own_commit(tmp_path: Path) -> None:
    with _in_git(tmp_path) as stage:
        assert await stage.passed() == 0
        assert await stage.passed(f"http://service.test/-/revisions/{V41}") == len(QUESTIONS)
        commits = _git(stage.stores.repository.clone, "log", "--format=%H").splitlines()
        assert stage.calls("prompt_version", LIVE)[-1][0] == commits[1]


async def test_the_clone_is_clean_and_level_with_its_origin(tmp_path: Path) -> None:
    with _in_git(tmp_path) as stage:
        clone = stage.stores.repository.clone
        assert _git(clone, "status", "--porcelain") == ""
        assert _git(clone, "rev-parse", "HEAD") == _git(clone, "rev-parse", "origin/main")
        assert _git(clone, "log", "--format=%s").splitlines()[0] == "shorter prompt"


@pytest.mark.parametrize("branch", ["main", "rollback/shorter"])
async def test_a_push_is_deployed_some_seconds_later_without_traffic(branch: str, tmp_path: Path) -> None:
    with _in_git(tmp_path) as stage:
        clone = stage.stores.repository.clone
        playing = asyncio.create_task(pipeline.play(stage.stage))
        await asyncio.sleep(0)
        _git(clone, "revert", "--no-edit", "HEAD")
        _git(clone, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        name = f"pharmabot--{pipeline.suffix(_git(clone, 'rev-parse', 'HEAD'))}"
        began = stage.clock.at
        while next(iter(stage.stage.world.apps.values())).latest != name:
            await stage.chat()
            await asyncio.sleep(0)
            assert stage.clock.at - began < timedelta(minutes=5)
        assert stage.clock.at - began >= timedelta(seconds=pipeline.BUILDS_S)
        playing.cancel()
        await stage.clock.sleep(60)
        assert await stage.passed(f"http://service.test/-/revisions/{name}") == len(QUESTIONS)
        assert (await stage.chat()).header("x-revision") == V42


def test_the_same_beginning_gives_the_same_commits(tmp_path: Path) -> None:
    with _in_git(tmp_path / "one") as one, _in_git(tmp_path / "other") as other:
        heads = [_git(stage.stores.repository.clone, "rev-parse", "HEAD") for stage in (one, other)]
    assert heads[0] == heads[1]


def test_a_scenario_built_without_stores_needs_no_file() -> None:
    for name in SCENARIOS:
        assert scenarios.build(name, ACCOUNT, START).scenario == name
