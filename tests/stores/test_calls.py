"""The call log: which version was named by how many calls, and which calls those were."""

from __future__ import annotations

import csv
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.domain.failure import Failure
from console.stores.calls import Which
from tests.stores.stocked import Base, call_log, called, sqlite, stocked

SINCE = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Base:
    url = sqlite(tmp_path) if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))
    base = stocked(url)
    called(base, [(f"2026-11-21 02:5{n}:00+00:00", "drug_info", 6) for n in range(6)])
    called(base, [(f"2026-11-21 03:0{n}:00+00:00", "drug_info", 7) for n in range(4)], "v42")
    called(base, [("2026-11-21 03:05:00.250+00:00", "triage", 3), ("2026-11-21 03:06:00+00:00", None, None)])
    return base


async def test_calls_are_counted_by_version_with_the_first_and_the_last(base: Base) -> None:
    found = await call_log(base).counted()
    assert [(one.prompt, one.version, one.count) for one in found] == [
        ("", "", 1),
        ("drug_info", "7", 4),
        ("drug_info", "6", 6),
        ("triage", "3", 1),
    ]
    assert found[1].first == SINCE
    assert found[1].last == datetime(2026, 11, 21, 3, 3, tzinfo=UTC)


async def test_they_are_counted_since_a_moment_of_one_version_and_by_revision(base: Base) -> None:
    log = call_log(base)
    assert [one.version for one in await log.counted(Which("drug_info", since=SINCE))] == ["7"]
    assert [one.count for one in await log.counted(Which("drug_info", "v6"))] == [6]
    found = await log.counted(Which("drug_info"), by_revision=True)
    assert [(one.version, one.revision) for one in found] == [("7", "v42"), ("6", "v41")]


async def test_the_newest_calls_come_first(base: Base) -> None:
    found = await call_log(base).latest("drug_info", SINCE, 2)
    assert [version for _, version in found] == ["7", "7"]
    assert found[0][0] == datetime(2026, 11, 21, 3, 3, tzinfo=UTC)


async def test_the_share_that_failed_is_told_with_its_count(base: Base) -> None:
    base.run("UPDATE llm_calls SET status = 503 WHERE prompt_name = 'triage'")
    log = call_log(base, status="status")
    assert await log.status_share(SINCE) == (pytest.approx(100 / 6), 6)
    assert await log.status_share(datetime(2026, 11, 22, tzinfo=UTC)) == (None, 0)
    with pytest.raises(Failure, match=r"calls\.columns\.status names no column"):
        await call_log(base).status_share(SINCE)


async def test_the_share_that_names_an_existing_version_is_told_with_those_that_do_not(base: Base) -> None:
    share, count, lost = await call_log(base).named_share(SINCE, {"drug_info": ["7"], "triage": ["v3"]})
    assert (share, count) == (pytest.approx(500 / 6), 6)
    assert [(one.prompt, one.version) for one in lost] == [("", "")]


async def test_the_calls_themselves_are_written_where_no_formula_can_run(base: Base, tmp_path: Path) -> None:
    base.run("UPDATE llm_calls SET request_id = '=HYPERLINK(1)' WHERE prompt_name = 'triage'")
    base.run("UPDATE llm_calls SET model = ? WHERE prompt_name = 'triage'", ("\x1b[2Jgpt",))
    path = tmp_path / "calls.csv"
    assert await call_log(base).write_csv(Which(since=SINCE), path) == 6
    rows = list(csv.reader(path.open(encoding="utf-8")))
    assert rows[0] == ["at", "prompt", "version", "revision", "model", "request_id"]
    assert rows[1] == ["2026-11-21T03:00:00Z", "drug_info", "7", "v42", "gpt-4o", "r0"]
    assert rows[5] == ["2026-11-21T03:05:00.250000Z", "triage", "3", "v41", "\\x1b[2Jgpt", "'=HYPERLINK(1)"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_an_existing_file_is_never_overwritten_and_half_a_file_never_left(base: Base, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        await call_log(base).write_csv(Which(), path)
    assert path.read_text() == "mine"
    base.run("DROP TABLE llm_calls")
    with pytest.raises(Failure):
        await call_log(base).write_csv(Which(), tmp_path / "other.csv")
    assert not (tmp_path / "other.csv").exists()


async def test_a_missing_column_is_named_with_the_key_that_maps_it(base: Base) -> None:
    with pytest.raises(Failure, match=r"no column prompt_vers: calls\.columns\.prompt_version .*has prompt_version"):
        await call_log(base, prompt_version="prompt_vers").counted()


async def test_a_column_that_the_service_does_not_write_is_left_out(base: Base, tmp_path: Path) -> None:
    log = call_log(base, revision="", model="", request_id="")
    found = await log.counted(Which("drug_info"), by_revision=True)
    assert [(one.version, one.revision) for one in found] == [("7", ""), ("6", "")]
    assert await log.write_csv(Which("triage"), tmp_path / "calls.csv") == 1
