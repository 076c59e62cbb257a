"""A tree that a team edits is checked whole when it is loaded, and every mistake names its node."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import pytest

from console.domain.decision import Astray, walk
from console.guidance.runbook import shelf
from console.guidance.tree import NAME, TreeError, load, read, runbooks

OURS = importlib.resources.files("runbooks").joinpath(NAME).read_text(encoding="utf-8")

SMALL = """
first = "emergency"
[[nodes]]
id = "emergency"
question = "Is it?"
answers = [{ answer = "yes", to = "forward.fix" }, { answer = "no", to = "hold.investigate" }]
[[leaves]]
id = "forward.fix"
title = "Mend it"
runbook = "fix-forward"
manual = true
steps = ["Mend it."]
[[leaves]]
id = "hold.investigate"
title = "Look"
runbook = "hold-and-investigate"
manual = true
steps = ["Look."]
"""


def mistakes_of(text: str) -> tuple[str, ...]:
    with pytest.raises(TreeError) as refused:
        read(text.encode(), "ours.toml", runbooks())
    return refused.value.mistakes


def test_our_own_tree_has_no_mistake() -> None:
    assert read(OURS.encode(), NAME, runbooks()) == load()


def test_every_leaf_has_the_runbook_that_says_it_is_its_own() -> None:
    books = shelf().runbooks
    for leaf in load().leaves:
        book = books[leaf.runbook]
        assert (book.leaf, book.title) == (leaf.id, leaf.title)
        assert tuple(book.aftercare) == leaf.aftercare, leaf.id


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'to = "forward.fix"',
            'to = "nowhere"',
            "emergency: yes leads to nowhere, which is neither a node nor a leaf",
        ),
        ('to = "forward.fix"', 'to = "hold.investigate"', "forward.fix: nothing leads here"),
        ('to = "forward.fix"', 'to = "emergency"', "emergency: it leads back to itself: emergency → emergency"),
        ('runbook = "fix-forward"', 'runbook = "nowhere"', "forward.fix: there is no runbook nowhere.md"),
        (
            'manual = true\nsteps = ["Mend it."]',
            "manual = true",
            "forward.fix: it is manual and has no steps to check",
        ),
        ('manual = true\nsteps = ["Mend it."]', "", "forward.fix: it has no plan, and is not manual = true"),
        ('manual = true\nsteps = ["Mend it."]', 'plan = "magic"', "forward.fix: there is no plan magic"),
        ('steps = ["Mend it."]', 'steps = ["Mend it."]\nplan = "code"', "forward.fix: it is manual and has the plan"),
        ('first = "emergency"', 'first = "nowhere"', "nowhere: the tree begins here, and there is no such node"),
        ('first = "emergency"', "", "first: the id of the node that is asked first is missing"),
        ('question = "Is it?"', "", "emergency: question is missing"),
        ('question = "Is it?"', "question = 3", "emergency: question must be a text"),
        ('question = "Is it?"', 'question = "Is it?"\nwhat = 1', "emergency: unknown key what"),
        ('question = "Is it?"', 'question = "Is it?"\nevidence = ["tea"]', "emergency: there is no evidence tea"),
        ('{ answer = "no",', '{ answer = "never",', "emergency: it asks emergency, and has no answer no"),
        ('answer = "no"', 'answer = "yes"', "emergency: the answer yes stands there twice"),
        ('id = "hold.investigate"', 'id = "forward.fix"', "forward.fix: there are 2 nodes or leaves of this id"),
        ('first = "emergency"', "first =", "it is not TOML"),
    ],
)
def test_a_mistake_names_its_node(old: str, new: str, told: str) -> None:
    assert old in SMALL
    assert any(one.startswith(told) for one in mistakes_of(SMALL.replace(old, new, 1)))


def test_all_mistakes_are_told_at_once() -> None:
    found = mistakes_of(SMALL.replace('"fix-forward"', '"one"').replace('"hold-and-investigate"', '"two"'))

    assert len(found) == 2


def test_a_question_that_would_be_asked_twice_on_one_way_is_a_mistake() -> None:
    again = """
[[nodes]]
id = "emergency.again"
question = "Still?"
answers = [{ answer = "yes", to = "forward.fix" }, { answer = "no", to = "hold.investigate" }]
"""
    text = SMALL.replace('to = "forward.fix"', 'to = "emergency.again"', 1) + again

    assert mistakes_of(text) == ("emergency.again: emergency was asked already on this way, by emergency",)


def test_a_circle_of_several_is_told_whole() -> None:
    text = OURS.replace(
        'title = "yes: off is enough for now", to = "disable.kill_switch"', 'title = "x", to = "harm_running"'
    )

    assert "off_is_enough" in mistakes_of(text)[0] or any("leads back" in one for one in mistakes_of(text))


def test_a_team_s_own_tree_stands_for_ours(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(SMALL, encoding="utf-8")

    assert [node.id for node in load(tmp_path).nodes] == ["emergency"]
    assert load(tmp_path / "elsewhere").nodes == load().nodes


def test_a_team_s_own_tree_that_is_wrong_is_not_replaced_by_ours_in_silence(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("first = 1", encoding="utf-8")

    with pytest.raises(TreeError) as refused:
        load(tmp_path)
    assert str(tmp_path / NAME) in refused.value.sentence


def test_what_a_file_holds_cannot_move_a_cursor() -> None:
    tree = read(SMALL.replace("Is it?", "Is\\u001b[2J it?").encode(), "ours.toml", runbooks())

    assert "\x1b" not in tree.nodes[0].question


def test_an_answer_under_a_node_s_own_id_goes_before_one_for_the_question() -> None:
    answers = {"emergency": "no", "ours": "ours", "changed": "prompt", "target_alive": "yes"}

    assert walk(load(), answers).leaf.id == "prompt.revert"
    assert walk(load(), {**answers, "target_alive.prompt": "no"}).path[-1].node.id == "target_alive.prompt"


def test_a_walk_stops_at_the_question_that_has_no_answer() -> None:
    found = walk(load(), {"emergency": "yes"})

    assert found.leaf is None
    assert found.node is not None
    assert found.node.id == "harm_running"


def test_an_answer_that_its_question_does_not_know_is_refused() -> None:
    with pytest.raises(Astray, match="emergency: 'perhaps' is no answer; it knows yes, no"):
        walk(load(), {"emergency": "perhaps"})
