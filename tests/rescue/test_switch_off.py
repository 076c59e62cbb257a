"""The emergency's three ways out, and the kill switch through the runner: once, recorded first, and proven."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.config.settings import KillSwitchSettings, TargetSettings
from console.domain.intent import ALL, FAST, Deed, Intent
from console.domain.run import Kind, Outcome
from console.emergency import EVERYTHING, OFF, TRAFFIC
from console.plan import NothingToDo
from console.simulator.stores.furnish import CHAT_OFF, activate_prompt, changing
from tests.engine.played import START
from tests.rescue.rescued import Rescue, rescue

FILE = "off"


def switched_off(folder: Path, command: str | None, check: str | None = None, **more: float) -> Rescue:
    """A rescue by this kill switch, or without any, in the folder."""
    switch = KillSwitchSettings(command=command, check=check, title="the chat", **more) if command else None

    def configured(settings: TargetSettings) -> TargetSettings:
        return settings.model_copy(update={"kill_switch": switch, "home": str(folder)})

    return rescue("bad-prompt", folder, history=False, intent=OFF, configured=configured)


@pytest.mark.parametrize(
    ("scenario", "everything"),
    [
        ("bad-image", "code v42→v41"),
        ("bad-prompt", "drug_info v7→v6"),
        ("two-changes", "code v42→v41, drug_info v7→v6"),
        ("model-drift", "gpt4o-stable"),
        ("embedding-mismatch", "index"),
        ("breaking-migration", "head"),
        ("bad-prompt-git", "code v42→v41"),
    ],
)
def test_each_way_out_says_what_it_would_change_now(scenario: str, everything: str, tmp_path: Path) -> None:
    found = rescue(scenario, tmp_path, stop_at_plan=True, intent=OFF)
    first, second, third = found.ways
    assert (first.number, second.number, third.number) == (1, 2, 3)
    assert everything in first.would_change
    assert second.would_change == "code v42→v41"
    assert first.typed == (scenario == "breaking-migration")  # its script is not read before it is proposed
    assert third.would_change.startswith("touch ")
    assert [one.intent for one in found.ways] == [EVERYTHING, TRAFFIC, OFF]


def at_rest(found: Rescue) -> None:
    """The only change is taken back by somebody before anybody looks."""
    with changing(found.stores.path) as connection:
        activate_prompt(connection, "drug_info", 6, START)


def test_where_nothing_changed_and_no_switch_is_configured_each_says_why_not(tmp_path: Path) -> None:
    def configured(settings: TargetSettings) -> TargetSettings:
        return settings.model_copy(update={"kill_switch": None})

    found = rescue("bad-prompt", tmp_path, breaks=at_rest, stop_at_plan=True, intent=TRAFFIC, configured=configured)
    first, _, third = found.ways
    assert first.intent is None
    assert "nothing changed since" in first.why_not
    assert third.intent is None
    assert "kill_switch.command" in third.why_not


def test_the_first_way_out_ends_an_emergency_of_two_changes(tmp_path: Path) -> None:
    found = rescue("two-changes", tmp_path, intent=EVERYTHING)
    assert found.plan is not None
    assert found.plan.layer == ALL
    assert not found.plan.needs_typing
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.VERIFIED


def test_the_demos_own_switch_is_thrown_and_its_check_proves_it(tmp_path: Path) -> None:
    found = rescue("bad-prompt", tmp_path, intent=OFF)
    assert found.plan is not None
    assert (found.plan.deed, found.plan.layer) == (Deed.SWITCH_OFF, "feature")
    assert not found.plan.needs_typing
    assert f"touch {found.stores.folder / CHAT_OFF}" in found.plan.by_hand
    assert [note.text for note in found.plan.checked] == [
        f"it is not off yet: test -e {found.stores.folder / CHAT_OFF}"
    ]
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.VERIFIED
    assert (found.stores.folder / CHAT_OFF).exists()
    assert found.after is not None
    assert not found.after.perfect
    assert found.end is not None
    assert not any(found.end.history.known_bad(version) for version in found.end.history.marks)


def test_it_is_recorded_before_it_runs_and_runs_once(tmp_path: Path) -> None:
    found = switched_off(tmp_path, "sh -c 'echo once >> off'", "test -e off")
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.VERIFIED
    assert (tmp_path / FILE).read_text() == "once\n"
    kinds = [event.kind for event in found.events]
    assert kinds.index(Kind.CONFIRMED) < kinds.index(Kind.INTENT) < kinds.index(Kind.ACCEPTED)
    assert kinds.count(Kind.INTENT) == 1


def test_without_a_check_an_exit_of_0_is_accepted_and_unproven(tmp_path: Path) -> None:
    found = switched_off(tmp_path, "touch off")
    assert found.plan is not None
    assert any("no kill_switch.check is configured" in line for line in found.plan.unknown)
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.UNPROVEN
    assert "no kill_switch.check can show it" in found.verdict.note


def test_without_a_check_another_exit_leaves_it_unknown(tmp_path: Path) -> None:
    found = switched_off(tmp_path, "sh -c 'echo no such flag; exit 3'")
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.UNKNOWN
    assert any("ended with 3: no such flag" in str(event.body.get("detail")) for event in found.events)


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        ("sh -c 'touch off; exit 3'", Outcome.VERIFIED),
        ("sh -c 'exit 3'", Outcome.FAILED),
        ("true", Outcome.FAILED),
    ],
)
def test_with_a_check_the_world_decides_and_not_the_exit(command: str, outcome: Outcome, tmp_path: Path) -> None:
    found = switched_off(tmp_path, command, "test -e off")
    assert found.verdict is not None
    assert found.verdict.outcome is outcome
    assert sum(event.kind is Kind.INTENT for event in found.events) == 1


def test_a_command_that_does_not_start_has_changed_nothing(tmp_path: Path) -> None:
    found = switched_off(tmp_path, "./flags off chat", "test -e off")
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.FAILED
    assert "“./flags off chat” does not start" in found.verdict.note


def test_a_command_that_hangs_is_ended_and_what_came_of_it_is_asked(tmp_path: Path) -> None:
    found = switched_off(tmp_path, "sh -c 'touch off; sleep 60'", "test -e off", timeout_s=0.2)
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.VERIFIED
    assert any("did not end within" in str(event.body.get("detail")) for event in found.events)


def test_a_check_that_cannot_be_asked_keeps_nobody_from_it(tmp_path: Path) -> None:
    found = switched_off(tmp_path, "touch off", "./is-off")
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.UNPROVEN
    assert (tmp_path / FILE).exists()


def test_what_is_off_already_is_not_switched_off_again(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    with pytest.raises(NothingToDo, match="the chat is off already"):
        switched_off(tmp_path, "rm off", "test -e off")
    assert (tmp_path / FILE).exists()


def test_somebody_else_may_switch_it_off_while_one_reads(tmp_path: Path) -> None:
    switch = KillSwitchSettings(command="sh -c 'echo again >> off'", check="sh -c 'echo x >> asked; test -s off'")
    # The first look finds it on; by the fence somebody has switched it off.
    switch = switch.model_copy(update={"check": "sh -c 'test -e asked; was=$?; touch asked; exit $was'"})

    def configured(settings: TargetSettings) -> TargetSettings:
        return settings.model_copy(update={"kill_switch": switch, "home": str(tmp_path)})

    found = rescue("bad-prompt", tmp_path, history=False, intent=OFF, configured=configured)
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.VERIFIED
    assert "off already" in found.verdict.note
    assert not (tmp_path / FILE).exists()


def test_it_opens_an_incident(tmp_path: Path) -> None:
    found = switched_off(tmp_path, "touch off")
    confirmed = next(event for event in found.events if event.kind is Kind.CONFIRMED)
    assert confirmed.body["incident"] == 1


def test_fast_leaves_what_waits_for_a_pipeline_and_says_so(tmp_path: Path) -> None:
    found = rescue("bad-prompt-git", tmp_path, stop_at_plan=True, intent=Intent(layer=ALL, way=FAST))
    assert found.plan is not None
    assert "await_revision" not in {step.kind for step in found.plan.steps}
