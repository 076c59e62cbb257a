"""Every kind of app, played by keys in a real terminal: what is said before, what is done, what is said after."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.terminal.demo import COMMAND, environment, runs, wait_for_outcome
from tests.terminal.terminal import Terminal

LIVE = "y  go"
Play = Callable[..., "Scene"]


class Scene:
    """One scenario on a terminal of its own."""

    def __init__(self, folder: Path, scenario: str, speed: int, size: tuple[int, int]) -> None:
        self.folder, self.surroundings = folder, environment(folder)
        command = (*COMMAND, "demo", "--scenario", scenario, "--speed", str(speed))
        self.terminal = Terminal(command, self.surroundings, *size)

    def sees(self, *words: str) -> None:
        self.terminal.wait_for(*words)

    def press(self, keys: str) -> None:
        self.terminal.send(keys.encode())

    def opens(self, key: str, *words: str) -> None:
        """Opens a dialog by `key`, and reads it to its end."""
        self.press(key)
        self.sees("state read just now", *words)

    def goes(self) -> None:
        """Turns the pages that are left, and confirms once the key lives."""

        def lives() -> bool:
            if "below (space)" in self.terminal.text:
                self.press(" ")
            return LIVE in self.terminal.text

        self.terminal.wait_until(lives, LIVE)
        self.press("y")

    def goes_by_name(self) -> None:
        self.sees("type pharmabot and enter:")
        self.press("pharmabot")
        self.sees("enter  go")
        self.press("\r")

    def ends(self) -> dict[str, Any]:
        """The newest run, once it has an outcome."""
        return wait_for_outcome(self.folder, self.surroundings)

    def runner(self) -> int:
        """The process that carries out this demo's run."""
        home = f"HOME={self.folder}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                arguments = (process / "cmdline").read_bytes()
                if b"console.detached" in arguments and home in (process / "environ").read_bytes().split(b"\0"):
                    return int(process.name)
        raise AssertionError("no runner is working")

    def weights(self) -> dict[str, int]:
        """Who has how much, as `status --json` tells it."""
        (config,) = (self.folder / "state" / "demo").glob("*/rollback.toml")
        command = [*COMMAND, "--config", str(config), "status", "--json"]
        told = subprocess.run(command, env=self.surroundings, capture_output=True, text=True, check=True)
        versions = json.loads(told.stdout)["layers"]["code"]["versions"]
        return {version["revision"].removeprefix("pharmabot--"): version["weight"] for version in versions}


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    scenes: list[Scene] = []

    def begin(scenario: str, speed: int = 20, size: tuple[int, int] = (120, 40)) -> Scene:
        scenes.append(Scene(tmp_path, scenario, speed, size))
        scenes[-1].sees("r code→v41")
        return scenes[-1]

    yield begin
    for scene in scenes:
        scene.terminal.close()


def test_an_azure_that_does_not_answer_is_said_and_the_name_is_wanted(play: Play) -> None:
    scene = play("unanswering", speed=6)

    scene.press("r")
    scene.sees("Azure has not answered for 8 s", "type pharmabot and enter:", "keeps trying for 60 s")
    scene.press("\x1b")

    scene.sees("? help")
    assert runs(scene.folder, scene.surroundings) == []


def test_internal_ingress_is_an_unknown_and_wants_no_typing(play: Play) -> None:
    scene = play("internal-ingress", speed=100)
    scene.sees("internal ingress: only its own environment can call it")

    scene.opens("r", "v41 cannot be asked from here")
    scene.goes()

    outcome = scene.ends()["outcome"]
    assert outcome in ("verified", "unproven")
    scene.sees(outcome)


def test_a_service_that_does_not_say_who_answers_is_counted_by_azure_or_unproven(play: Play) -> None:
    scene = play("no-identity", speed=100)

    scene.opens("r", "this service does not say")
    scene.goes()

    outcome = scene.ends()["outcome"]
    assert outcome in ("verified", "unproven")
    scene.sees(outcome)


def test_a_run_whose_runner_is_killed_says_so_and_is_taken_up(play: Play) -> None:
    # Given a run whose write is under way
    scene = play("bad-image", speed=2)
    scene.opens("r")
    scene.goes()
    scene.sees("InProgress")

    # When its runner is killed
    os.kill(scene.runner(), signal.SIGKILL)

    # Then that is said, and somebody looks what came of it
    scene.sees("its runner was lost; another one look")
    scene.sees("verified", "another one looked what came of it, and sent nothing")
    assert scene.ends()["outcome"] == "verified"


def test_single_mode_copies_the_old_revision(play: Play) -> None:
    scene = play("single-mode")
    scene.sees("single revision mode")

    scene.opens(
        "r",
        "1 copy the old revision as a new one (chosen)",
        "2 switch to multiple revision mode",
        "current secrets",
        "az containerapp revision copy",
    )
    scene.goes()

    scene.sees("✔ copy v41 as v41-back1", "verified")
    assert scene.ends()["outcome"] == "verified"
    assert scene.weights()["v41-back1"] == 100


def test_single_mode_switches_only_where_that_way_was_chosen(play: Play) -> None:
    scene = play("single-mode", size=(80, 24))

    scene.opens("r", "(chosen)")
    scene.press("2")
    scene.sees("the app stays in multiple revision mode", "state read just now")
    scene.goes()

    scene.sees("verified")
    assert scene.ends()["outcome"] == "verified"
    scene.press("\x1b")
    scene.sees("multiple revisions", "nothing changed since known good")


def test_a_label_on_the_bad_revision_moves_as_a_step_of_its_own(play: Play) -> None:
    scene = play("labels")
    scene.sees("#production")

    scene.opens("r", "az containerapp revision label swap")
    scene.goes()

    scene.sees("✔ label production → v41", "verified")


def test_labels_mode_moves_the_label(play: Play) -> None:
    scene = play("labels-mode")
    scene.sees("labels mode: weights belong to labels")

    scene.opens("r", "az containerapp revision label swap")
    scene.goes()

    scene.sees("✔ label production → v41", "verified")
    assert scene.weights()["v41"] == 100


def test_a_target_at_zero_is_woken(play: Play) -> None:
    scene = play("scaled-to-zero")
    scene.sees("○ zero")

    scene.opens("r", "○ scaled to zero", "cold start")
    scene.goes()

    scene.sees("verified")


def test_a_change_of_config_is_called_so_and_can_be_undone_by_name(play: Play) -> None:
    scene = play("config-only")
    scene.sees("config △ v41→v42")

    scene.opens("r", "same image; config: AOAI_DEPLOYMENT")
    scene.goes()
    scene.sees("verified", "undo run 1: the traffic goes back to v42")

    scene.press("2")
    scene.sees("Undo run 1", "it brings v42 back, which run 1 rolled away from")
    scene.goes_by_name()
    scene.sees("Undoing run 1", "✔ serving: 66 answers in a row from v42")
    assert runs(scene.folder, scene.surroundings)[0]["deed"] == "undo"
    assert scene.weights()["v42"] == 100


def test_a_mutable_tag_is_an_unknown(play: Play) -> None:
    scene = play("mutable-tag")

    scene.opens("r", "digest unknown")
    scene.goes()

    scene.sees("verified")


def test_a_queue_consumer_is_said_and_deactivated_as_a_run_of_its_own(play: Play) -> None:
    scene = play("queue-consumer", size=(80, 24))

    scene.opens("r", "consumes servicebus:ingest")
    scene.goes()
    scene.sees("verified", "1  deactivate v42, which consumes servicebus:ingest")

    scene.press("1")
    scene.sees("Deactivate v42", "state read just now")
    scene.goes()
    scene.sees("verified: v42 is inactive")
    assert [run["deed"] for run in runs(scene.folder, scene.surroundings)] == ["deactivate", "roll back"]


def test_a_small_target_may_be_given_half_first(play: Play) -> None:
    scene = play("small-target")

    scene.opens("r", "1 replica takes the load of 3", "2 move half")
    scene.press("2")
    scene.sees("(chosen): for a target with fewer replicas")
    scene.goes()

    scene.sees("✔ traffic → v41 50 %", "✔ traffic → v41 100 %", "verified")


def test_entries_that_reach_nobody_are_said_and_not_carried_on(play: Play) -> None:
    scene = play("dead-entries")
    scene.sees("v38 gone, 4 % of the traffic reaches nobody")

    scene.opens("r", "v38, which cannot answer")
    scene.goes()

    scene.sees("verified")
    assert scene.weights()["v41"] == 100
    scene.press("\x1b")
    scene.terminal.wait_until(lambda: "reaches nobody" not in scene.terminal.text, "no dead entry")


def test_a_target_that_vanishes_before_the_write_moves_nothing(play: Play) -> None:
    scene = play("vanishing-target")

    scene.opens("r")
    scene.goes()

    scene.sees("failed", "does not exist")
    assert "remains" not in scene.terminal.text
    assert scene.weights()["v42"] == 100


def test_somebody_elses_rollback_is_recognised(play: Play) -> None:
    # Given a dialog that could go
    scene = play("somebody-else", speed=8)
    scene.opens("r")
    scene.sees(LIVE)

    # When somebody else is faster
    scene.terminal.wait_until(lambda: scene.weights()["v41"] == 100, "the other's rollback")
    scene.press("y")

    # Then nothing is sent, and it is said who did it
    scene.sees("nothing was sent")
    assert scene.ends()["outcome"] == "verified"
