"""The tree leads to the way out that a good operator takes: in public incidents, in others, and by its principles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.domain.decision import CANONICAL, Leaf, Taken, Tree, walk
from console.guidance.tree import load

INCIDENTS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "incidents.json").read_text(encoding="utf-8")
)["incidents"]

# Labels that are held to be wrong: incident to the leaf that the tree gives, with the reason. There is none now; an
# entry that is no longer needed fails.
DOUBTED: dict[str, tuple[str, str]] = {}

KEYS = 5


@pytest.fixture(scope="module")
def tree() -> Tree:
    return load()


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident["id"])
def test_a_public_incident_ends_at_its_leaf(tree: Tree, incident: dict[str, Any]) -> None:
    found = walk(tree, incident["answers"])

    assert found.leaf is not None
    label = incident["tree"]["correct_leaf"]
    if incident["id"] in DOUBTED:
        ours, reason = DOUBTED[incident["id"]]
        assert reason
        assert found.leaf.id == ours
        assert ours != label, "this label is no longer doubted: take the exception out"
    else:
        assert found.leaf.id == label


def test_every_exception_names_an_incident_that_exists() -> None:
    assert set(DOUBTED) <= {incident["id"] for incident in INCIDENTS}


def test_the_questions_and_leaves_are_those_of_the_incidents(tree: Tree) -> None:
    body = json.loads((Path(__file__).parents[1] / "data" / "incidents.json").read_text(encoding="utf-8"))

    assert set(CANONICAL) == set(body["questions"])
    assert {node.asks for node in tree.nodes} == set(body["questions"])
    assert {name for name in body["questions"] if tree.node(name) is None} == set()
    assert {leaf.id for leaf in tree.leaves} == {*body["extended_leaves"], "schema.down"}


# ---- incidents that the tree was not made from ----

CALM: dict[str, str] = {
    "emergency": "no",
    "ours": "ours",
    "changed": "unknown",
    "target_alive": "yes",
    "old_side_good": "yes",
    "healthy_elsewhere": "no",
    "writes_since": "none",
    "data_lost": "no",
    "harm_running": "no",
    "can_switch_off": "no",
    "off_is_enough": "no",
}

OTHERS: list[tuple[str, dict[str, str], str]] = [
    (
        "The provider's region answers 503 for an hour; a second region is deployed and has quota.",
        {"emergency": "yes", "ours": "upstream", "changed": "nothing", "healthy_elsewhere": "yes"},
        "gateway.reroute",
    ),
    (
        "The provider answers 429 to everybody, and there is no second region: wait, shed load, say so.",
        {"emergency": "yes", "ours": "upstream", "changed": "nothing"},
        "hold.investigate",
    ),
    (
        "The provider's content filter became stricter; our release of the same day is innocent.",
        {"ours": "upstream", "changed": "config"},
        "hold.investigate",
    ),
    (
        "A release leaks memory and is killed every ten minutes; the image before it ran for a week.",
        {"emergency": "yes", "changed": "code"},
        "code.traffic_shift",
    ),
    (
        "A release closes a hole that is being used; it is slow, but the version before it is the hole.",
        {"emergency": "yes", "changed": "code", "old_side_good": "no"},
        "forward.fix",
    ),
    (
        "A release stores sessions in a new form; the older code logs everybody out and crashes on them.",
        {"emergency": "yes", "changed": "code", "writes_since": "incompatible"},
        "forward.fix",
    ),
    (
        "An agent with tools mails customers in a loop; its switch stops it.",
        {
            "emergency": "yes",
            "changed": "prompt",
            "harm_running": "yes",
            "can_switch_off": "yes",
            "off_is_enough": "yes",
        },
        "disable.kill_switch",
    ),
    (
        "A firewall rule burns all processors; the rule engine has a global off switch, quicker than any deployment.",
        {
            "emergency": "yes",
            "changed": "config",
            "harm_running": "yes",
            "can_switch_off": "yes",
            "off_is_enough": "yes",
        },
        "disable.kill_switch",
    ),
    (
        "A nightly job deletes rows by a wrong key and is at it still; rows of three days are gone.",
        {
            "emergency": "yes",
            "changed": "code",
            "harm_running": "yes",
            "can_switch_off": "yes",
            "writes_since": "incompatible",
            "data_lost": "yes",
        },
        "schema.pitr",
    ),
    (
        "A migration adds a column that new code fills; the new code is wrong, the old one passes over the column.",
        {"emergency": "yes", "changed": "schema", "writes_since": "compatible"},
        "schema.code_first",
    ),
    (
        "A migration renamed a column an hour before opening; the old code cannot read it, nothing was written yet.",
        {"changed": "schema", "target_alive": "no"},
        "schema.down",
    ),
    (
        "A migration split a table; a day of orders exists only in the new form, and the old code cannot read it.",
        {"emergency": "yes", "changed": "schema", "target_alive": "no", "writes_since": "incompatible"},
        "forward.fix",
    ),
    (
        "Somebody truncated the wrong table at noon, by hand; nobody knows it yet as a change.",
        {"emergency": "yes", "changed": "nothing", "target_alive": "no", "data_lost": "yes"},
        "schema.pitr",
    ),
    (
        "Answers got lazier over weeks; no version moved, no signal shows it.",
        {"changed": "nothing", "ours": "unknown", "old_side_good": "unknown"},
        "hold.investigate",
    ),
    (
        "The deployment upgraded itself to a newer model which breaks the JSON; the older one is offered for months.",
        {"ours": "upstream", "changed": "model"},
        "model.redeploy_previous",
    ),
    (
        "A prompt was edited in the only row it has; nobody kept the text of before.",
        {"changed": "prompt", "target_alive": "no"},
        "forward.fix",
    ),
    (
        "Documents of a customer were indexed wrongly last night; their texts are intact.",
        {"changed": "data"},
        "forward.fix",
    ),
    (
        "A secret was rotated at the vault and not in the app: every revision fails alike.",
        {"emergency": "yes", "changed": "config"},
        "config.revert",
    ),
    (
        "A canary weight went to a deployment without quota; the other deployment is idle and well.",
        {"changed": "gateway", "healthy_elsewhere": "yes"},
        "gateway.reroute",
    ),
    (
        "The index was rebuilt with another embedder under live traffic; the old index stands beside it.",
        {"emergency": "yes", "changed": "embedding", "writes_since": "compatible"},
        "embedding.switch_index",
    ),
]


@pytest.mark.parametrize(("story", "answers", "leaf"), OTHERS, ids=[one[0] for one in OTHERS])
def test_another_incident_ends_where_a_good_operator_would_go(
    tree: Tree, story: str, answers: dict[str, str], leaf: str
) -> None:
    found = walk(tree, {**CALM, **answers})

    assert found.leaf is not None
    assert found.leaf.id == leaf


# ---- keys ----

ORDINARY = {
    "code": "code.traffic_shift",
    "config": "config.revert",
    "prompt": "prompt.revert",
    "model": "model.redeploy_previous",
    "embedding": "embedding.switch_index",
    "schema": "schema.code_first",
    "gateway": "code.traffic_shift",
}


@pytest.mark.parametrize("emergency", ["yes", "no"])
@pytest.mark.parametrize(("layer", "leaf"), ORDINARY.items())
def test_an_ordinary_fault_of_a_layer_takes_five_keys_at_most(
    tree: Tree, emergency: str, layer: str, leaf: str
) -> None:
    found = walk(tree, {**CALM, "emergency": emergency, "changed": layer})

    assert found.leaf is not None
    assert found.leaf.id == leaf
    assert len(found.path) <= KEYS


@pytest.mark.parametrize("emergency", ["yes", "no"])
def test_a_migration_that_no_older_code_can_read_takes_five_keys_at_most(tree: Tree, emergency: str) -> None:
    found = walk(tree, {**CALM, "emergency": emergency, "changed": "schema", "target_alive": "no"})

    assert found.leaf is not None
    assert found.leaf.id == "schema.down"
    assert len(found.path) <= KEYS


# ---- principles, over every way that there is ----

Way = tuple[tuple[Taken, ...], dict[str, str], Leaf]


def ways(tree: Tree, place: str, path: tuple[Taken, ...] = ()) -> Iterator[Way]:
    """Every way through the tree; no question comes twice on one, so the answers on it never contradict."""
    node = tree.node(place)
    if node is None:
        leaf = tree.leaf(place)
        assert leaf is not None, f"{place} is no leaf"
        yield path, {taken.node.asks: taken.answer.answer for taken in path}, leaf
        return
    for answer in node.answers:
        yield from ways(tree, answer.to, (*path, Taken(node, answer)))


@pytest.fixture(scope="module")
def all_ways(tree: Tree) -> list[Way]:
    return list(ways(tree, tree.first))


def test_every_answer_to_every_question_leads_to_a_leaf(tree: Tree, all_ways: list[Way]) -> None:
    assert {leaf.id for _, _, leaf in all_ways} == {leaf.id for leaf in tree.leaves}
    for node in tree.nodes:
        assert set(CANONICAL[node.asks]) <= {answer.answer for answer in node.answers}, node.id


def test_no_way_is_longer_than_a_person_stands(all_ways: list[Way]) -> None:
    assert max(len(path) for path, _, _ in all_ways) <= 9


def test_a_restore_follows_only_on_data_that_is_certainly_lost(all_ways: list[Way]) -> None:
    for path, answers, leaf in all_ways:
        assert (leaf.id == "schema.pitr") == (answers.get("data_lost") == "yes"), [taken.node.id for taken in path]


def test_a_schema_goes_down_only_where_everything_that_could_be_lost_is_known(all_ways: list[Way]) -> None:
    down = [answers for _, answers, leaf in all_ways if leaf.id == "schema.down"]

    assert down
    for answers in down:
        wanted = {"changed": "schema", "writes_since": "none", "target_alive": "no"}
        assert wanted.items() <= answers.items()


@pytest.mark.parametrize("asked", ["changed", "target_alive", "writes_since", "data_lost", "old_side_good"])
def test_one_answer_that_becomes_unknown_never_leads_to_a_loss(tree: Tree, all_ways: list[Way], asked: str) -> None:
    for _, answers, _ in all_ways:
        if asked in answers and answers.get("data_lost") != "yes":
            found = walk(tree, {**CALM, **answers, asked: "unknown"})
            assert found.leaf is not None
            assert found.leaf.id not in ("schema.pitr", "schema.down")


def test_an_emergency_is_never_only_investigated_while_something_healthy_runs(all_ways: list[Way]) -> None:
    for _, answers, leaf in all_ways:
        if answers["emergency"] == "yes" and leaf.id == "hold.investigate":
            assert answers["healthy_elsewhere"] in ("no", "unknown")


def test_what_somebody_else_broke_takes_nothing_of_ours_back(all_ways: list[Way]) -> None:
    ours = {"code.traffic_shift", "config.revert", "prompt.revert", "schema.code_first", "schema.down"}
    for _, answers, leaf in all_ways:
        if answers.get("ours") == "upstream":
            assert leaf.id not in ours, answers


def test_nothing_goes_back_to_what_is_gone_was_bad_or_cannot_read_what_was_written(all_ways: list[Way]) -> None:
    versions = {"prompt.revert", "model.redeploy_previous", "embedding.switch_index"}
    for _, answers, leaf in all_ways:
        if answers.get("target_alive") == "no":
            assert leaf.id not in versions, answers
        if answers.get("old_side_good") == "no":
            assert leaf.id not in ("code.traffic_shift", "config.revert"), answers
        if answers.get("writes_since") == "incompatible":
            assert leaf.id not in ("code.traffic_shift", "schema.code_first", "schema.down"), answers


def test_harm_that_one_switch_ends_is_switched_off_and_nothing_else_is(all_ways: list[Way]) -> None:
    off = {"harm_running": "yes", "can_switch_off": "yes", "off_is_enough": "yes"}
    for _, answers, leaf in all_ways:
        if off.items() <= answers.items():
            assert leaf.id == "disable.kill_switch"
        if leaf.id == "disable.kill_switch":
            assert answers["harm_running"] == "yes"


def test_harm_that_a_switch_does_not_end_is_still_switched_off_first(tree: Tree) -> None:
    generator = {"emergency": "yes", "harm_running": "yes", "can_switch_off": "yes", "changed": "config"}
    found = walk(tree, {**CALM, **generator})

    assert found.leaf is not None
    assert found.leaf.id == "config.revert"
    assert any("Switch off" in line for line in found.first)
