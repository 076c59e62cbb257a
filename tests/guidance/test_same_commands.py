"""What a runbook has by hand is what the console's own plan prints by hand."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from console.domain.intent import Intent
from console.emergency import OFF
from console.guidance.placeholders import Name, Names, names
from console.guidance.runbook import filled, shelf
from tests.guidance.checking import commands, split
from tests.rescue.rescued import rescue


def words(text: str) -> list[str]:
    """In no order; without the entries of the array that had nothing and have nothing."""
    return sorted(one for one in shlex.split(text.replace("\\\n", " ")) if not one.endswith("=0"))


@pytest.mark.parametrize(
    ("scenario", "intent", "name", "chosen"),
    [
        ("bad-image", Intent(), "code-traffic-shift", {}),
        ("single-mode", Intent(), "code-traffic-shift", {}),
        ("bad-prompt", OFF, "feature-off", {"idle_revision": "pharmabot--v41"}),
        ("breaking-migration", Intent(layer="schema", way="restore"), "schema-point-in-time-restore", {}),
    ],
)
def test_by_hand(scenario: str, intent: Intent, name: str, chosen: dict[str, str], tmp_path: Path) -> None:
    found = rescue(scenario, tmp_path, intent=intent, stop_at_plan=True)
    assert found.plan is not None
    assert found.before is not None
    runbook = shelf().runbooks[name]
    printed = [one.text for one in split(found.plan.by_hand) if one.tool == "az" or name == "feature-off"]
    known = names(found.settings, found.before, runbook.layer)
    told = {word: Name(text) for word, text in (chosen | in_print(printed)).items()}
    shown = [one.text for one in commands(filled(runbook, Names({**known.known, **told}, known.facts)).text)]
    for one in printed:
        assert words(one) in [words(other) for other in shown]


def in_print(printed: list[str]) -> dict[str, str]:
    """What the plan chose for a person: suffix, secret, server and moment."""
    found: dict[str, str] = {}
    keys = {"--revision-suffix": "suffix", "--restore-time": "restore_time"}
    for command in printed:
        said = shlex.split(command.replace("\\\n", " "))
        found |= {keys[one]: said[place + 1] for place, one in enumerate(said) if one in keys}
        if "restore" in said:
            found["restored_server"] = said[said.index("-n") + 1]
        if "--secrets" in said:
            found["secret"] = said[said.index("--secrets") + 1].partition("=")[0]
    return found


def test_with_a_plan_its_own_commands_stand_in_the_runbook(tmp_path: Path) -> None:
    for scenario, layer, name in (
        ("bad-prompt", "prompt", "prompt-revert"),
        ("model-drift", "model", "model-redeploy"),
        ("embedding-mismatch", "embedding", "embedding-index-switch"),
        ("breaking-migration", "schema", "schema-down-migration"),
    ):
        found = rescue(scenario, tmp_path / scenario, intent=Intent(layer=layer), stop_at_plan=True)
        assert found.plan is not None
        assert found.before is not None
        known = names(found.settings, found.before, layer)
        told = filled(shelf().runbooks[name], known, found.plan.by_hand)
        assert f"```sh\n{found.plan.by_hand}\n```" in told.text
        assert not told.missing, told.missing
