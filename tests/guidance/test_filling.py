"""Reading a runbook strictly, and filling it: what is not known stays open, with why; nothing hostile gets in."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.guidance.placeholders import Name, Names
from console.guidance.runbook import Runbook, filled, parse, shelf

GOOD = """---
leaf: code.traffic_shift
title: Ours to shift
layer: code
risk: reversible
expected_duration: a minute
plan: code
aftercare:
  - Tell people.
---

# Ours to shift

Ask {app} about {good_revision}.

```sh
az containerapp revision show -n {app} --revision {good_revision}
```
"""
FRONT = GOOD.partition("# Ours")[0]


def read(text: str) -> Runbook:
    found, wrong = parse("mine", text)
    assert not wrong
    assert found is not None
    return found


def names(**known: str) -> Names:
    return Names({word: Name(text) for word, text in known.items()})


def test_names_are_filled_in_text_and_in_commands() -> None:
    told = filled(read(GOOD), names(app="pharmabot", good_revision="pharmabot--v41"))
    assert "Ask pharmabot about pharmabot--v41." in told.text
    assert "-n pharmabot --revision pharmabot--v41\n" in told.text
    assert told.missing == ()


def test_a_name_that_is_not_known_stays_visible_with_its_reason() -> None:
    known = Names({"app": Name("pharmabot"), "good_revision": Name(why="no good revision is known")})
    told = filled(read(GOOD.replace("about", "{gooood} about")), known)
    assert "--revision <good_revision>" in told.text
    assert told.missing == (
        ("gooood", "no such name is known"),
        ("good_revision", "no good revision is known"),
    )


@pytest.mark.parametrize(
    "hostile",
    ["$(reboot)", "a; rm -rf /", "x'--", "a b", "`id`", "-rf", "a\nreboot", "é", "{app}", "x\x1b[2J", "\u202ev41"],
)
def test_what_a_shell_might_read_otherwise_is_never_put_into_a_command(hostile: str) -> None:
    told = filled(read(GOOD), names(app="pharmabot", good_revision=hostile))
    assert "--revision <good_revision>" in told.text
    assert "would have to be quoted" in dict(told.missing)["good_revision"]
    assert "\x1b" not in told.text
    assert "\u202e" not in told.text
    assert len(told.text.splitlines()) == len(GOOD.partition("---\n\n")[2].splitlines())


def test_hostile_text_of_a_runbook_is_made_visible() -> None:
    told = filled(read(GOOD.replace("Ask", "A\x1b]0;x\x07\u202esk")), names(app="a", good_revision="b"))
    assert "\\x1b]0;x\\x07\\u202esk" in told.text


def test_the_commands_of_a_plan_take_the_place_of_what_is_marked() -> None:
    marked = GOOD.replace("```sh", "<!-- exact -->\n```sh") + "<!-- /exact -->\nThe end.\n"
    told = filled(read(marked), names(app="a", good_revision="b"), "az first {app}\naz second")
    assert "```sh\naz first {app}\naz second\n```" in told.text
    assert "revision show" not in told.text
    assert told.text.endswith("The end.\n")
    assert "revision show" in filled(read(marked), names(app="a", good_revision="b")).text


def test_what_concerns_other_targets_is_left_out_and_what_is_not_known_is_kept() -> None:
    marked = GOOD + "<!-- only: flag sqlite -->\nFor SQLite.\n<!-- /only -->\n"
    said = {
        (): True,
        (("dialect", "sqlite"),): True,
        (("dialect", "sqlite"), ("prompt mode", "flag")): True,
        (("dialect", "postgresql"),): False,
        (("dialect", "sqlite"), ("prompt mode", "pointer")): False,
    }
    for facts, there in said.items():
        assert ("For SQLite." in filled(read(marked), Names({}, dict(facts))).text) == there
    assert "<!--" not in filled(read(marked), Names()).text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "mine.md, line 1: a runbook begins with its front matter"),
        ("# Only text\n", "mine.md, line 1: a runbook begins with its front matter"),
        (
            GOOD.replace("risk: reversible", "risk: harmless"),
            "line 5: risk is harmless, and must be reversible or",
        ),
        (GOOD.replace("layer: code", "layer: kode"), "mine.md, line 4: layer is kode"),
        (GOOD.replace("title:", "titel:"), "mine.md, line 3: titel is no key"),
        (GOOD.replace("title: Ours to shift\n", ""), "title is missing"),
        (GOOD.replace("layer: code\n", "layer: code\nlayer: code\n"), "line 5: layer stands already on line 4"),
        (GOOD.replace("leaf: code.traffic_shift", "leaf:"), "line 2: leaf is empty"),
        (GOOD.replace("  - Tell people.\n", ""), "line 8: aftercare is empty"),
        (GOOD.replace("aftercare:", "aftercare: tell"), "line 8: aftercare is a list"),
        (GOOD.replace("plan: code", "plan: code\nmanual: true"), "line 8: either plan or manual: true"),
        (GOOD.replace("plan: code\n", ""), "either plan or manual: true"),
        (GOOD.replace("plan: code", "manual: true"), "manual: true wants steps to check off"),
        (GOOD.replace("plan: code", "plan: code\n- x"), "line 8: this is neither"),
        (GOOD + "<!-- exact -->\n", "<!-- /exact --> is missing"),
        (GOOD + "<!-- /only -->\n", "<!-- /only --> closes nothing"),
        (GOOD + "<!-- only: oracle -->\n<!-- /only -->\n", "only: oracle is not known"),
    ],
)
def test_a_mistake_is_a_sentence_with_file_and_line(text: str, said: str) -> None:
    found, wrong = parse("mine", text)
    assert found is None
    assert any(said in one for one in wrong), wrong


def test_every_mistake_is_told_at_once() -> None:
    _, wrong = parse("mine", GOOD.replace("code\n", "kode\n").replace("reversible", "harmless"))
    assert [one.partition(":")[0] for one in wrong] == ["mine.md, line 4", "mine.md, line 5"]


def test_manual_steps_are_what_is_checked_off() -> None:
    text = GOOD.replace("plan: code", "manual: true") + "- [ ] Ask {app}.\n- plain\n- [ ] Look.\n"
    assert filled(read(text), names(app="a", good_revision="b")).steps == ("Ask a.", "Look.")


def test_a_teams_own_stands_for_ours_by_name_and_adds_its_own(tmp_path: Path) -> None:
    (tmp_path / "code-traffic-shift.md").write_text(GOOD)
    (tmp_path / "ours-alone.md").write_text(GOOD.replace("code.traffic_shift", "ours.alone"))
    (tmp_path / "README.md").write_text("# No runbook\n")
    found = shelf(tmp_path)
    assert found.mistakes == ()
    assert found.runbooks["code-traffic-shift"].title == "Ours to shift"
    assert not found.runbooks["code-traffic-shift"].ours
    assert found.runbooks["prompt-revert"].ours
    assert found.of("ours.alone") is found.runbooks["ours-alone"]


def test_a_teams_broken_file_is_told_and_takes_nothing_away(tmp_path: Path) -> None:
    (tmp_path / "code-traffic-shift.md").write_text(GOOD.replace("risk: reversible", "risk: none"))
    (tmp_path / "prompt-revert.md").write_bytes(b"\xff\xfe")
    (tmp_path / "feature-off.md").write_text("x" * 200_000)
    found = shelf(tmp_path)
    assert len(found.mistakes) == 3
    assert all(found.runbooks[name].ours for name in ("code-traffic-shift", "prompt-revert", "feature-off"))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = shelf(tmp_path / "nowhere")
    assert found.runbooks.keys() == shelf().runbooks.keys()
    assert "there is no folder" in found.mistakes[0]
