"""Each layer broken, found, taken back and proven by what the service answers; and the innocent left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.domain.intent import ALL, Intent
from console.domain.run import Outcome
from console.plan import NothingToDo
from console.simulator.stores.furnish import activate_prompt, changing
from tests.engine.played import START
from tests.rescue.rescued import Rescue, rescue

RESCUES = [
    ("bad-image", "code", "only v42 fails"),
    ("bad-prompt", "prompt", "answers are wrong while requests succeed"),
    ("model-drift", "model", "answers are wrong while requests succeed"),
    ("embedding-mismatch", "embedding", "was built by text-embedding-ada-002, and text-embedding-3-small asks it"),
    ("breaking-migration", "schema", "v42 was made for head 8c1d02, and 4f2a91 serves"),
    ("two-changes", "prompt", "v41 fails alike"),
]


@pytest.mark.parametrize(("scenario", "layer", "reason"), RESCUES)
def test_the_layer_that_broke_is_suspected_first_and_taken_back(
    scenario: str, layer: str, reason: str, tmp_path: Path
) -> None:
    found = rescue(scenario, tmp_path)
    assert (found.first.change.layer, found.first.rank) == (layer, 1)
    assert reason in found.first.reason
    assert found.plan is not None
    assert found.plan.layer == layer
    assert not found.plan.needs_typing
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.VERIFIED
    assert found.after is not None
    assert found.after.perfect


LAYERS = {scenario: layer for scenario, layer, _ in RESCUES}


def test_the_innocent_change_stays_though_it_is_the_newer_one(tmp_path: Path) -> None:
    found = rescue("two-changes", tmp_path)
    assert found.before is not None
    assert [suspect.change.layer for suspect in found.suspects] == ["prompt", "code"]
    ages = {suspect.change.layer: suspect.change.at for suspect in found.suspects}
    assert ages["code"] > ages["prompt"]  # type: ignore[operator]
    assert found.end is not None
    assert found.end.code.state is not None
    assert found.end.code.state.weight("pharmabot--v42") == 100


def test_everything_that_changed_goes_back_as_one_plan_in_the_order_of_its_steps(tmp_path: Path) -> None:
    found = rescue("two-changes", tmp_path, intent=Intent(layer=ALL))
    assert found.plan is not None
    assert found.plan.layer == ALL
    kinds = [step.kind for step in found.plan.steps]
    assert kinds.index("flip_prompt") < kinds.index("shift_traffic") < kinds.index("prove_serving")
    assert kinds.count("see_recovery") == kinds.count("prove_answers") == 1
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.VERIFIED
    assert found.after is not None
    assert found.after.perfect


def test_what_is_wrong_with_the_app_as_a_whole_is_told_and_not_offered_for_a_rollback(tmp_path: Path) -> None:
    with pytest.raises(NothingToDo, match=r"secret aoai-key .*, by bob@pharmabot\.example"):
        rescue("app-wide", tmp_path)


@pytest.mark.parametrize(("scenario", "layer"), [(one[0], one[1]) for one in RESCUES])
def test_without_any_history_what_the_layers_remember_names_the_same_one(
    scenario: str, layer: str, tmp_path: Path
) -> None:
    found = rescue(scenario, tmp_path, history=False, stop_at_plan=True, intent=Intent())
    assert found.before is not None
    assert found.before.changes.baseline.reconstructed
    assert found.first.change.layer == layer


@pytest.mark.parametrize("scenario", ["bad-prompt", "model-drift"])
def test_after_the_rollback_nothing_is_changed_since_the_known_good(scenario: str, tmp_path: Path) -> None:
    found = rescue(scenario, tmp_path)
    assert found.end is not None
    assert found.end.changes.suspects == ()
    assert found.end.bundle.id == found.end.changes.baseline.bundle.id  # type: ignore[union-attr]


def test_what_was_rolled_away_from_is_known_bad_and_what_came_back_is_not(tmp_path: Path) -> None:
    found = rescue("bad-prompt", tmp_path)
    assert found.end is not None
    assert found.end.history.known_bad("drug_info 7")
    assert not found.end.history.known_bad("drug_info 6")


@pytest.mark.parametrize("scenario", ["bad-prompt", "model-drift", "embedding-mismatch", "breaking-migration"])
def test_going_back_twice_never_goes_on_by_itself(scenario: str, tmp_path: Path) -> None:
    found = rescue(scenario, tmp_path, history=False, intent=Intent(layer=LAYERS[scenario]), twice=True)
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.VERIFIED
    again = found.again
    assert again is None or any("wants a reason" in refusal.sentence for refusal in again.refusals)


def test_what_somebody_took_back_by_hand_is_not_brought_forward_again(tmp_path: Path) -> None:
    def by_hand(found: Rescue) -> None:
        with changing(found.stores.path) as connection:
            activate_prompt(connection, "drug_info", 5, START)

    found = rescue("healthy", tmp_path, breaks=by_hand, intent=Intent(layer=ALL), stop_at_plan=True)
    assert found.plan is not None
    assert [step.kind for step in found.plan.steps if step.kind == "flip_prompt"] == []
    assert "prompt drug_info v6→v5 stays: v6 is newer than what serves: this does not go back" in found.plan.stays
