"""The timeline: lanes from what is known, a cursor, and the moment to which a database is restored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.change import Change, Suspect
from console.domain.incident import Incident
from console.record.database import RecordError
from screens.drawing.lanes import WINDOWS, Timeline, first_cursor, in_lane, moved, next_event, timeline, zoomed
from tests.screens.conftest import Open, Stage
from tests.screens.layered import GAP, ago, changes, five, layers, observed, ok, prompt_plan, schema, with_five
from tests.screens.scripted_desk import NOW, ScriptedDesk, snapshot, verified

INCIDENT = Incident(3, NOW, ago(minutes=11), "alice", "said by the operator")


def known(**more: object) -> Timeline:
    runs = (verified(17, confirmed_at=ago(minutes=4)),)
    return timeline(five(changes=changes(gaps=(GAP,)), **more), runs, INCIDENT, observed(), NOW)


def lane(found: Timeline, name: str) -> str:
    return "; ".join(one.words for one in next(one for one in found.lanes if one.name == name).happened)


def test_a_lane_per_layer_and_for_backups_runs_and_signals() -> None:
    found = known()
    names = [one.name for one in found.lanes]
    assert names == ["code", "prompt", "model", "embedding", "schema", "backups", "runs", "signals"]
    assert "drug_info v6→v7 by alice" in lane(found, "prompt")
    assert "v41→v42 by ci@contoso" in lane(found, "code")
    assert "v41 created" in lane(found, "code")
    assert "first seen then" in lane(found, "code")
    assert "docs_v1 built" in lane(found, "embedding")
    assert "head 4f2a91" in lane(found, "schema")
    assert "backup b2, Full" in lane(found, "backups")
    assert "run 17: Roll back code → v41, verified" in lane(found, "runs")
    assert "golden 3/8" in lane(found, "signals")


def test_layers_that_are_not_configured_have_no_lane() -> None:
    found = timeline(snapshot(), (), None, (), NOW)
    assert [one.name for one in found.lanes] == ["code", "runs", "signals"]
    assert found.restorable == "no database is configured"


def test_the_cursor_begins_just_before_the_bad_change_of_the_database() -> None:
    bad = Suspect(Change("schema", "schema", "81bc02", "4f2a91", ago(minutes=30), "bob"), 2, 1.0, "before")
    found = timeline(five(changes=changes(suspects=(*changes().suspects, bad))), (), None, (), NOW)
    cursor = first_cursor(found)
    assert cursor.lane == "schema"
    assert cursor.at == ago(minutes=30) - timedelta(seconds=1)
    assert cursor.why_not == ""


def test_zooming_keeps_the_cursor_and_stays_within_now() -> None:
    found = known()
    cursor = first_cursor(found)
    for _ in range(30):
        cursor = zoomed(found, cursor, 1)
        assert cursor.until - cursor.window <= cursor.at <= cursor.until <= NOW
    assert cursor.window == WINDOWS[-1]
    for _ in range(30):
        cursor = zoomed(found, cursor, -1)
        assert cursor.until - cursor.window <= cursor.at <= cursor.until <= NOW
    assert cursor.window == WINDOWS[0]


def test_the_window_follows_the_cursor_and_never_passes_now() -> None:
    found = known()
    cursor = first_cursor(found)
    far = moved(found, cursor, ago(days=9))
    assert far.until - far.window <= far.at <= far.until
    assert moved(found, far, NOW + timedelta(days=1)).at == NOW


def test_events_of_a_lane_are_met_one_after_another() -> None:
    found = known()
    cursor = replace(first_cursor(found), at=NOW, lane="code")
    times = []
    for _ in range(4):
        cursor = next_event(found, cursor, -1)
        times.append(cursor.at)
    assert times[:3] == [ago(minutes=11), ago(minutes=12), ago(minutes=17)]
    assert next_event(found, cursor, 1).at > cursor.at


def test_only_what_can_be_restored_is_offered() -> None:
    found = known()
    cursor = first_cursor(found)
    assert "only in the schema's lane" in cursor.why_not
    for _ in range(3):
        cursor = in_lane(found, cursor, 1)
    assert cursor.lane == "schema"
    assert cursor.why_not == ""
    assert "begins 13 Nov 14:12Z" in moved(found, cursor, ago(days=30)).why_not
    assert "before now" in moved(found, cursor, NOW).why_not
    alone = known(layers=layers(schema=ok(schema(server=None))))
    assert "no server is configured" in in_lane(alone, replace(cursor, lane="embedding"), 1).why_not


@pytest.fixture
def desk() -> ScriptedDesk:
    made = with_five(ScriptedDesk(), five(changes=changes(gaps=(GAP,))))
    made.began, made.spans = [INCIDENT], observed()
    made.log = {17: verified(17, confirmed_at=ago(minutes=4))}
    made.layered["schema"] = prompt_plan(
        layer="schema", title="Restore pharmabot-pg to a new server", goal="restored"
    )
    return made


async def open_timeline(stage: Stage) -> None:
    await stage.press("t")
    await stage.shows("Timeline pharmabot")


async def test_t_shows_everything_on_one_axis(open_app: Open) -> None:
    async with open_app() as stage:
        await open_timeline(stage)
        for words in (
            "› prompt",
            "╱ ╱ ╱",
            "incident 3 began",
            "drug_info v6→v7 by alice",
            "1  prompt drug_info v6→v7",
            "one minute before golden fell to 3/8, on both revisions alike",
            "2  code v41→v42",
            "enter: only in the schema's lane (j, k)",
        ):
            await stage.shows(words)
        await stage.press("escape")
        await stage.shows("r prompt→drug_info v6")


async def test_a_moment_is_picked_in_the_schemas_lane(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await open_timeline(stage)
        await stage.press("enter")
        await stage.shows("Restore: only in the schema's lane (j, k)")
        await stage.press("j", "j", "j")
        await stage.shows("› schema")
        await stage.press("left")
        await stage.shows("enter restore to 21 Nov 02:59:39Z")
        await stage.press("right", "right", "plus", "minus", "enter")
        await stage.until(lambda: type(stage.app.screen).__name__ == "Confirm", "the dialog")
        await stage.press("escape")
    assert desk.intents[0].layer == "schema"
    assert desk.intents[0].way == "restore"
    assert desk.intents[0].at is not None
    assert desk.intents[0].at.endswith("Z")


async def test_a_restore_that_cannot_be_planned_says_why(open_app: Open, desk: ScriptedDesk) -> None:
    desk.layered["schema"] = "the server is stopped"
    async with open_app() as stage:
        await open_timeline(stage)
        await stage.press("j", "j", "j", "enter")
        await stage.shows("the server is stopped")
        desk.read_only = True
        await stage.press("enter")
        await stage.shows("read-only: nothing is written from here")
    assert desk.intents == []


async def test_an_untouched_timeline_follows_the_news_and_a_touched_one_keeps_its_moment(
    open_app: Open, desk: ScriptedDesk
) -> None:
    async with open_app() as stage:
        await open_timeline(stage)
        await stage.press("left", "left")
        await stage.until(lambda: "02:59:11Z" in stage.text, "two cells earlier")
        before = stage.app.screen.cursor.at  # type: ignore[attr-defined]
        desk.publish(five(changes=changes(suspects=changes().suspects[:1])))
        await stage.until(lambda: "2  code" not in stage.text, "the news")
        assert stage.app.screen.cursor.at == before  # type: ignore[attr-defined]


async def test_a_record_that_cannot_be_read_is_said(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:

        def broken(limit: int = 50) -> tuple[object, ...]:
            raise RecordError("disk gone")

        desk.runs = broken  # type: ignore[method-assign]
        await open_timeline(stage)
        await stage.shows("the run log cannot be read")
