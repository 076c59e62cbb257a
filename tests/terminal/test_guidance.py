"""The way through the tree, and the emergency, played by keys in a real terminal against the demo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal.test_scenarios import Scene

Play = Callable[[str, str], Scene]


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    scenes: list[Scene] = []

    def begin(scenario: str, until: str) -> Scene:
        scenes.append(Scene(tmp_path, scenario, 20, (120, 40)))
        scenes[-1].sees(until)
        return scenes[-1]

    yield begin
    for scene in scenes:
        scene.terminal.close()


def test_from_d_in_five_keys_to_the_prompt_that_is_at_fault(play: Play) -> None:
    scene = play("bad-prompt", "r prompt→")

    for key, words in (
        ("d", "Is it an emergency?"),
        ("n", "emergency? no › ours?"),
        ("1", "2  prompt: what the model is told  ← suggested"),
        ("2", "Does the prompt's former version still exist?"),
        ("y", "→ Make the former prompt active again"),
    ):
        scene.press(key)
        scene.sees(words)
    scene.sees("Runbook prompt-revert.md", "Afterwards 0 of", "Roll back prompt")
    scene.opens("r", "Roll back prompt")
    scene.goes()

    assert scene.ends()["outcome"] == "verified"
    scene.press("\x1b")
    scene.sees("→ Make the former prompt active again", "No plan:")


def test_an_emergency_is_ended_by_the_key_a_digit_and_y(play: Play) -> None:
    scene = play("bad-image", "r code→v41")

    scene.press("!")
    scene.sees("1  take back everything fast that changed", "2  traffic only", "3  switch the feature off")
    scene.opens("1", "v41")
    scene.goes()

    assert scene.ends()["outcome"] == "verified"
    assert scene.weights()["v41"] == 100
