"""For a fault in each layer of the demo the evidence suggests the way, and the leaf's plan can be made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from console.config.settings import TargetSettings
from console.domain.change import Baseline, Change, Changes, Suspect
from console.domain.decision import Taken, Tree
from console.domain.intent import Intent
from console.domain.signal import SignalReading, SignalState, Trigger
from console.domain.snapshot import ABSENT, Environment, Snapshot
from console.guidance.evidence import KINDS, Sight, beside, suggestion
from console.guidance.leaves import meant
from console.guidance.tree import load
from tests.engine.played import START
from tests.rescue.rescued import Rescue, rescue

# What only the operator knows, in every one of these: nothing does harm beyond being wrong, and nothing was written.
TRUE = {"harm_running": "no", "writes_since": "none", "old_side_good": "yes"}

FAULTS = [
    ("bad-image", "code.traffic_shift", "code"),
    ("bad-prompt", "prompt.revert", "prompt"),
    ("two-changes", "prompt.revert", "prompt"),
    ("model-drift", "model.redeploy_previous", "model"),
    ("embedding-mismatch", "embedding.switch_index", "embedding"),
    ("breaking-migration", "schema.down", "schema"),
    ("config-only", "config.revert", "code"),
]


def suggested_way(tree: Tree, found: Rescue) -> tuple[tuple[Taken, ...], str]:
    """Every suggestion taken; what nothing suggests is answered with the truth."""
    assert found.before is not None
    sight = Sight(found.before, found.settings, found.desk._observer.comparison)
    path: list[Taken] = []
    place = tree.first
    while (node := tree.node(place)) is not None:
        hint = suggestion(beside(node, sight))
        word = hint.suggested if hint is not None and hint.suggested is not None else TRUE[node.asks]
        path.append(Taken(node, node.answered(word)))
        place = path[-1].answer.to
    return tuple(path), place


@pytest.mark.parametrize(("scenario", "leaf", "layer"), FAULTS)
def test_the_suggestions_lead_to_the_right_leaf_and_its_plan(
    scenario: str, leaf: str, layer: str, tmp_path: Path
) -> None:
    tree = load()
    (tmp_path / "seen").mkdir()
    (tmp_path / "planned").mkdir()
    found = rescue(scenario, tmp_path / "seen", stop_at_plan=True)

    path, end = suggested_way(tree, found)

    assert end == leaf
    assert len(path) <= 5
    arrived = tree.leaf(end)
    assert arrived is not None
    wants = meant(arrived, found.before)
    assert wants.intent is not None
    planned = rescue(scenario, tmp_path / "planned", intent=wants.intent, stop_at_plan=True).plan
    assert planned is not None
    assert planned.layer == layer
    assert planned.steps
    assert planned.refused is None


def test_settings_above_all_revisions_are_told_to_be_put_back_by_hand(tmp_path: Path) -> None:
    found = rescue("app-wide", tmp_path, stop_at_plan=True, intent=Intent())
    arrived = load().leaf("config.revert")
    assert arrived is not None

    wants = meant(arrived, found.before)

    assert wants.intent is None
    assert "no revision brings them back" in wants.why_not


# ---- nothing known ----

EMPTY = Snapshot("pharmabot", Environment.STAGING, START, ABSENT)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("asks", ["changed", "old_side_good", "can_switch_off"])
def test_where_nothing_is_known_that_is_said_and_nothing_is_suggested(kind: str, asks: str) -> None:
    found = KINDS[kind](Sight(EMPTY), asks)

    assert found.suggested is None
    assert found.lines
    assert any("no evidence here" in line or "nothing to go back to" in line for line in found.lines)


def test_every_question_names_evidence_or_needs_none() -> None:
    tree = load()
    unaided = {node.id for node in tree.nodes if not node.evidence}

    assert unaided == set()


def reading(state: SignalState, **other: object) -> SignalReading:
    one = SignalReading("5xx", "probe", "%", 21.0, 40, START, state, Trigger("5xx"))
    return replace(one, **other)


def test_a_soft_signal_over_its_limit_makes_no_emergency() -> None:
    soft = reading(SignalState.BREACHED, trigger=Trigger("5xx", severity="soft"))

    assert KINDS["emergency"](Sight(replace(EMPTY, signals=(soft,))), "emergency").suggested is None


def test_unmeasured_is_never_said_to_be_no_emergency() -> None:
    signals = (reading(SignalState.OK), reading(SignalState.NO_DATA, name="golden", value=None))

    assert KINDS["emergency"](Sight(replace(EMPTY, signals=signals)), "emergency").suggested is None
    assert KINDS["emergency"](Sight(replace(EMPTY, signals=signals[:1])), "emergency").suggested == "no"


def test_a_layer_that_could_not_be_read_keeps_nothing_changed_from_being_suggested() -> None:
    read = Changes(Baseline(why="known good 7a90"))
    unread = replace(read, unread=("model",))

    assert KINDS["changes"](Sight(replace(EMPTY, changes=read)), "changed").suggested == "nothing"
    found = KINDS["changes"](Sight(replace(EMPTY, changes=unread)), "changed")
    assert found.suggested is None
    assert any(line.startswith("model could not be read") for line in found.lines)


def test_the_provider_s_refusals_are_somebody_else_s_fault(settings_429: TargetSettings) -> None:
    over = reading(SignalState.BREACHED, name="429", source="azure-monitor")
    change = Change("code", "code", "v41", "v42", before_words="v41", after_words="v42")
    suspected = Changes(Baseline(why="known good"), (Suspect(change, 1, 1.0, "12 min before"),))

    found = KINDS["upstream"](Sight(replace(EMPTY, signals=(over,), changes=suspected), settings_429), "ours")

    assert found.suggested == "upstream"


@pytest.fixture
def settings_429() -> TargetSettings:
    return TargetSettings.model_validate(
        {
            "environment": "staging",
            "azure": {"subscription": "0", "resource_group": "g"},
            "code": {"container_app": "pharmabot"},
            "model": {"account": "pharmabot-openai"},
            "signals": [{"name": "429", "source": "azure-monitor"}],
        }
    )
