"""What an operator says to the record: good or bad, when it began; and the draft of a postmortem."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console.desk import Refused
from console.domain.beginning import beginnings, typed
from console.domain.incident import Incident
from screens.drawing.history import Past, history, ordered
from screens.drawing.text import plain
from tests.screens.conftest import Open
from tests.screens.scripted_desk import NOW, ScriptedDesk, breached, fresh_plan, snapshot, verified


async def test_m_asks_good_or_bad_and_why(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("j", "m")
        await stage.shows("Mark v41  pharmabot")
        await stage.press("y", "enter", "g")
        await stage.shows("Mark v41 good")
        await stage.press(*"held", "space", *"a dax", "backspace", "y", "enter")
        await stage.shows("v41 is marked good")
        assert desk.marked == [("pharmabot--v41", True, "held a day")]


async def test_a_refused_mark_is_said_and_can_be_left(open_app: Open, desk: ScriptedDesk) -> None:
    desk.record_refuses = Refused("5xx is over its limit while it serves: it is not marked good")
    async with open_app() as stage:
        await stage.press("m", "g", "enter")
        await stage.shows("5xx is over its limit while it serves")
        await stage.press("escape")
        await stage.shows("? help")
        assert desk.marked == []


async def test_a_bad_mark_needs_no_reason(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("m", "b", "enter")
        await stage.shows("v42 is marked bad")
        assert desk.marked == [("pharmabot--v42", False, "")]


async def test_i_takes_the_first_breach_and_the_header_says_since_when(open_app: Open, desk: ScriptedDesk) -> None:
    since = NOW - timedelta(minutes=10)
    desk.shown = snapshot(signals=(replace(breached(), since=since),))
    async with open_app() as stage:
        await stage.press("i")
        await stage.shows("1  first breach seen here: 5xx, 21 Nov 03:02:07Z")
        assert "2  now, 03:12:07Z" in stage.text
        await stage.press("1")
        await stage.shows("It began 21 Nov 03:02:07Z.")
        await stage.press(*"chat is down", "enter")
        await stage.shows("incident 1 since 03:02Z")
        assert [(one.began, one.note) for one in desk.began] == [(since, "chat is down")]


async def test_i_takes_a_time_that_is_typed_and_says_how(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("i", "2")
        await stage.shows("a time is HH:MM or YYYY-MM-DD HH:MM, in UTC")
        await stage.press(*"soon", "enter")
        await stage.until(lambda: stage.text.count("a time is HH:MM") == 2, "the trouble")
        await stage.press(*["backspace"] * 4, *"02:50", "enter")
        await stage.shows("It began 21 Nov 02:50:00Z.")
        await stage.press("enter")
        await stage.shows("incident 1 since 02:50Z")


async def test_an_incident_under_way_is_named_before_it_gets_another_beginning(
    open_app: Open, desk: ScriptedDesk
) -> None:
    desk.began = [Incident(1, NOW, NOW - timedelta(minutes=3), "alice", "first breach of 5xx")]
    async with open_app() as stage:
        await stage.press("i")
        await stage.shows("Incident 1 is under way since 21 Nov 03:09:07Z (first breach of 5xx)")
        await stage.press("9", "escape")
        await stage.shows("? help")


async def test_a_refused_beginning_is_said(open_app: Open, desk: ScriptedDesk) -> None:
    desk.record_refuses = Refused("an incident cannot begin in the future")
    async with open_app() as stage:
        await stage.press("i", "1", "enter")
        await stage.shows("an incident cannot begin in the future")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("02:50", datetime(2025, 11, 21, 2, 50, tzinfo=UTC)),
        ("2:50Z", datetime(2025, 11, 21, 2, 50, tzinfo=UTC)),
        ("23:10", datetime(2025, 11, 20, 23, 10, tzinfo=UTC)),
        ("2025-11-19 04:05", datetime(2025, 11, 19, 4, 5, tzinfo=UTC)),
        ("2025-11-19T04:05:06Z", datetime(2025, 11, 19, 4, 5, 6, tzinfo=UTC)),
    ],
)
def test_a_time_of_day_is_the_last_one_and_a_date_is_itself(text: str, expected: datetime) -> None:
    assert typed(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "soon", "25:00", "02:61", "2025-13-01 02:00", "2025-02-30 02:00", "2"])
def test_what_is_no_time_says_how_one_looks(text: str) -> None:
    with pytest.raises(ValueError, match="HH:MM"):
        typed(text, NOW)


def test_without_a_breach_only_now_can_be_picked() -> None:
    assert [one.title for one in beginnings((breached(),), NOW)] == ["now, 03:12:07Z"]


async def test_the_postmortem_is_written_beside_and_never_over_another(open_app: Open, desk: ScriptedDesk) -> None:
    desk.began = [Incident(3, NOW, NOW - timedelta(minutes=10), "alice", "first breach of 5xx")]
    desk.log = {18: verified(18, incident=3)}
    async with open_app(size=(250, 30)) as stage:
        await stage.press("e")
        await stage.shows("wrote postmortem-pharmabot-incident-3.md in")
        first = stage.folder / "postmortem-pharmabot-incident-3.md"
        assert "Roll back code → v41" in first.read_text()
        assert first.stat().st_mode & 0o777 == 0o600
        first.write_text("finished by people")
        await stage.press("h")
        await stage.shows("incident 3, began")
        await stage.press("e")
        await stage.shows("wrote postmortem-pharmabot-incident-3-2.md in")
        assert first.read_text() == "finished by people"


async def test_a_postmortem_that_cannot_be_written_says_so(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        object.__setattr__(stage.app.around, "folder", lambda: stage.folder / "no-such-folder")
        await stage.press("e")
        await stage.shows("not written: No such file or directory")


def test_history_has_incidents_with_their_runs_beneath() -> None:
    past = Past(
        (
            verified(19, confirmed_at=NOW),
            verified(18, incident=3, principal="alice@contoso.com"),
            verified(17, incident=3, plan=fresh_plan(deed="deactivate", goal="pharmabot--v42")),
            verified(9, incident=2, confirmed_at=NOW - timedelta(days=4)),
        ),
        (
            Incident(
                3, NOW - timedelta(minutes=5), NOW - timedelta(minutes=10), "alice", "said by the operator", "500s"
            ),
            Incident(2, NOW - timedelta(days=4), NOW - timedelta(days=4), "bob", "first breach of 5xx"),
        ),
        read=True,
    )
    assert [run.id for run in ordered(past)] == [19, 18, 17, 9]
    lines = [plain(line).rstrip() for line in history("pharmabot", past, "", 1, NOW, [], "", 120, 20)]
    text = "\n".join(lines)
    assert "incident 3, began 21 Nov 03:02:07Z: 500s (said by the operator, alice)" in text
    assert text.index("incident 3,") < text.index(" 18 ") < text.index("incident 2,") < text.index("  9 ")
    assert "alice as alice@contoso.com" in text
    assert "deactivate v42" in text
    assert "accepted 0.4 s  configured 2.1 s  serving 8.8 s  recovered 13.9 s" in text
