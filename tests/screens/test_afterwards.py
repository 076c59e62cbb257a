"""What comes after a run: offers, unknown outcomes, runs that lost their runner; and the deeds besides rollback."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.intent import Deed, Intent
from console.domain.plan import Refusal
from console.domain.run import Outcome, StepState
from console.offers import Offer
from screens.drawing.run import Beside, ending, run_screen, title
from screens.drawing.text import plain
from tests.screens.conftest import Open
from tests.screens.scripted_desk import NOW, ScriptedDesk, fresh_plan, run, verified

V42 = "pharmabot--v42"
STOP = Offer("deactivate v42, which consumes servicebus:ingest", Intent(Deed.DEACTIVATE, to=V42))
BACK = Offer("undo run 18: the traffic goes back to v42", Intent(Deed.UNDO, run=18))
DEACTIVATE = fresh_plan(title="Deactivate v42", deed="deactivate", goal=V42, origin=(), shifts=(), grade="")
UNDO = fresh_plan(
    title="Undo run 18: traffic → v42 as before",
    deed="undo",
    goal=V42,
    refusals=(Refusal("it brings v42 back, which run 18 rolled away from", True),),
)


@pytest.fixture
def desk() -> ScriptedDesk:
    made = ScriptedDesk()
    made.log, made.offered_after = {18: verified(18)}, (STOP, BACK)
    made.deeds = {Deed.DEACTIVATE: DEACTIVATE, Deed.UNDO: UNDO}
    return made


def drawn(shown: object, beside: Beside, width: int = 80, height: int = 30) -> str:
    lines = run_screen(shown, NOW, (), [], "", 0, width, height, beside)  # type: ignore[arg-type]
    return "\n".join(plain(line).rstrip() for line in lines)


async def test_a_digit_opens_the_dialog_for_what_is_offered(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        stage.app.watch_run(18)
        await stage.shows("1  deactivate v42, which consumes servicebus:ingest")
        assert "2  undo run 18: the traffic goes back to v42" in stage.text
        await stage.press("1")
        await stage.shows("Deactivate v42  pharmabot")
        await stage.make_y_live()
        await stage.press("y")
        await stage.shows("Deactivating v42")
        assert desk.runners[0].offered[-1] == DEACTIVATE


async def test_nothing_is_offered_before_the_end_of_the_run_has_been_read_back(
    open_app: Open, desk: ScriptedDesk
) -> None:
    """Numbers that change under a finger would begin something else."""
    desk.log = {18: verified(18, confirmed_at=NOW - timedelta(seconds=10))}
    async with open_app() as stage:
        stage.app.watch_run(18)
        await stage.shows("✔ verified")
        await stage.press("1")
        await stage.shows("nothing is offered under that number")
        desk.publish(replace(desk.shown, code=replace(desk.shown.code, at=NOW + timedelta(seconds=5))))
        await stage.shows("1  deactivate v42")


async def test_an_undo_says_what_it_brings_back_and_wants_the_name(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        stage.app.watch_run(18)
        await stage.shows("2  undo run 18")
        await stage.press("2")
        await stage.shows("Undo run 18: traffic → v42 as before")
        await stage.shows("it brings v42 back, which run 18 rolled away from")
        await stage.shows("type pharmabot and enter:")


async def test_an_offer_that_no_longer_holds_says_why(open_app: Open, desk: ScriptedDesk) -> None:
    desk.deeds[Deed.DEACTIVATE] = "v42 is not active"
    async with open_app() as stage:
        stage.app.watch_run(18)
        await stage.shows("1  deactivate v42")
        await stage.press("1")
        await stage.shows("Not now: v42 is not active")
        await stage.press("5")
        await stage.shows("nothing is offered under that number")


async def test_read_only_nothing_that_is_offered_begins(open_app: Open, desk: ScriptedDesk) -> None:
    desk.read_only = True
    async with open_app() as stage:
        stage.app.watch_run(18)
        await stage.shows("1  deactivate v42")
        await stage.press("1", "2")
        await stage.shows("Not now: read-only")
        assert desk.runners == []


async def test_an_unknown_outcome_is_taken_up_and_followed(
    open_app: Open, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a run that was sent and of which nothing more is known
    desk.log, desk.offered_after = {18: verified(18, outcome=Outcome.UNKNOWN)}, ()
    taken = desk.take_up

    def take_up(run_id: int) -> bool:
        desk.log[run_id] = run(run_id)
        return taken(run_id)

    monkeypatch.setattr(desk, "take_up", take_up)
    async with open_app() as stage:
        stage.app.watch_run(18)
        await stage.shows("t  take it up: look what came of it; this sends nothing")

        # When it is taken up
        await stage.press("t")

        # Then it is followed live, to its outcome
        await stage.shows("Rolling back code → v41")
        desk.log[18] = verified(18)
        await stage.shows("✔ verified")
        assert desk.taken == [18]
        assert desk.runners == []


async def test_a_run_of_known_outcome_is_not_taken_up(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        stage.app.watch_run(18)
        await stage.shows("✔ verified")
        await stage.press("t")
        await stage.shows("Take it up: nothing about this run is unknown")
        assert desk.taken == []


async def test_a_run_whose_runner_was_killed_says_so_and_is_taken_up(open_app: Open, desk: ScriptedDesk) -> None:
    desk.log = {18: run(18)}
    async with open_app() as stage:
        await stage.press("enter")
        await stage.shows("Rolling back")
        desk.lost.add(18)
        stage.clock.monotonic_s += 2
        await stage.shows("its runner was lost; another one looks what came of it, and sends nothing")
        await stage.until(lambda: 18 in desk.taken, "taken up")
        assert desk.runners == []


async def test_a_run_lost_twice_says_that_nobody_knows(
    open_app: Open, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.log = {18: run(18)}
    monkeypatch.setattr(desk, "attended", lambda run_id: False)
    async with open_app() as stage:
        await stage.press("enter")
        await stage.shows("its runner was lost; another one")
        stage.clock.monotonic_s += 2
        await stage.shows("Do not send it again")


async def test_a_run_that_loses_its_runner_is_taken_up_from_the_dashboard_too(
    open_app: Open, desk: ScriptedDesk
) -> None:
    desk.log = {18: run(18)}
    desk.lost.add(18)
    async with open_app() as stage:
        stage.app.tick()
        await stage.until(lambda: desk.taken == [18], "taken up")


@pytest.mark.parametrize(
    ("key", "deed", "words"),
    [
        ("x", Deed.DEACTIVATE, "Deactivate v42"),
        ("u", Deed.UNDO, "Undo run 18"),
        ("p", Deed.UNPIN, "Unpin: the latest"),
    ],
)
async def test_a_key_of_the_dashboard_opens_the_dialog_for_its_deed(
    open_app: Open, desk: ScriptedDesk, key: str, deed: Deed, words: str
) -> None:
    desk.deeds[Deed.UNPIN] = fresh_plan(title="Unpin: the latest revision, now v42, keeps the traffic", deed="unpin")
    async with open_app() as stage:
        await stage.press(key)
        await stage.shows(words)
        assert type(stage.app.screen).__name__ == "Confirm"


async def test_what_cannot_be_done_is_grey_in_the_palette_and_says_why(open_app: Open, desk: ScriptedDesk) -> None:
    from screens.palette import entries

    desk.deeds = {Deed.UNPIN: "the latest revision, v42, is known [bold]bad[/]", Deed.DEACTIVATE: DEACTIVATE}
    async with open_app(size=(100, 60)) as stage:
        said = {entry.title: entry.why_not for entry in entries(stage.app.screen)}
        assert said["Unpin (p)"] == "the latest revision, v42, is known [bold]bad[/]"
        assert said["Deactivate this revision (x)"] == ""
        assert said["Take the last run up"] == "it is known how run 18 came out"
        await stage.press("colon")
        await stage.until(lambda: bool(stage.app.screen.query("CommandList").first().option_count), "listed")
        await stage.press(*"unpin")
        await stage.until(lambda: stage.app.screen.query("CommandList").first().option_count == 1, "found")
        shown = str(stage.app.screen.query("CommandList").first().get_option_at_index(0).prompt)
        assert "not now: the latest revision, v42, is known [bold]bad[/]" in shown
        await stage.press("enter")
        await stage.shows("Unpin: the latest revision, v42, is known [bold]bad[/]")


async def test_the_last_run_is_taken_up_from_the_palette(open_app: Open, desk: ScriptedDesk) -> None:
    desk.log = {18: verified(18, outcome=Outcome.UNKNOWN)}
    async with open_app() as stage:
        stage.app.screen.action_take_up()
        await stage.until(lambda: desk.taken == [18], "taken up")


def test_each_deed_says_what_it_does_and_did() -> None:
    for plan, now, then in (
        (fresh_plan(), "Rolling back code → v41", "Roll back code → v41"),
        (DEACTIVATE, "Deactivating v42", "Deactivate v42"),
        (UNDO, "Undoing run 18: traffic → v42 as before", "Undo run 18: traffic → v42 as before"),
    ):
        assert title(run(plan=plan), 60) == now
        assert title(verified(plan=plan), 60) == then
    assert "✔ verified: v42 is inactive" in drawn(verified(plan=DEACTIVATE), Beside())
    assert ending(verified(plan=DEACTIVATE), NOW) == "run 18: Deactivate v42, verified after 14 s"


def test_a_refusal_half_way_does_not_say_that_nothing_was_sent() -> None:
    text = drawn(verified(outcome=Outcome.REFUSED, note="the traffic moved; what was done before stays"), Beside())
    assert "refused: nothing more was sent" in text


def test_a_run_that_failed_before_any_traffic_moved_leaves_nothing_behind() -> None:
    steps = tuple(replace(step, state=StepState.SKIPPED) for step in run().steps)
    assert "remains" not in drawn(verified(outcome=Outcome.FAILED, steps=steps, note="v41 is gone"), Beside())
    assert "remains" in drawn(verified(outcome=Outcome.FAILED, note="it did not help: still 19 %"), Beside())


def test_where_no_signal_was_over_its_limit_nothing_is_said_to_have_recovered() -> None:
    assert "no signal was over its limit before" in drawn(verified(recovered_s=None), Beside())


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
def test_what_comes_next_is_seen_without_scrolling(size: tuple[int, int]) -> None:
    text = drawn(verified(), Beside((STOP.title, BACK.title), bypass="./gateway send-to v41"), *size)
    for words in ("✔ verified", "1  deactivate v42", "2  undo run 18", "recovered 13.9 s"):
        assert words in text


async def test_an_engine_that_cannot_take_it_up_is_a_sentence(
    open_app: Open, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(run_id: int) -> bool:
        raise OSError("no more processes")

    desk.log = {18: verified(18, outcome=Outcome.UNKNOWN)}
    monkeypatch.setattr(desk, "take_up", broken)
    async with open_app() as stage:
        stage.app.watch_run(18)
        await stage.shows("t  take it up")
        await stage.press("t")
        await stage.shows("It cannot be taken up: the console stumbled over OSError")
        await asyncio.sleep(0)
