"""The decision tree from the command line: by a file of answers, by prompts, printed; and what is kept of it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from console.domain.decision import CANONICAL
from tests.cli.conftest import Staged
from tests.cli.rehearsal import PROGRAM, ROOT, Rehearsal, call

INCIDENTS = json.loads((ROOT / "tests" / "data" / "incidents.json").read_text(encoding="utf-8"))["incidents"]
CODE = {
    "emergency": "yes",
    "harm_running": "no",
    "changed": "code",
    "old_side_good": "yes",
    "writes_since": "none",
}


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return tmp_path / "answers.json"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nothing is configured."""
    folder = tmp_path / "bare"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def put(path: Path, body: Any) -> str:
    path.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
    return str(path)


# ---- the tree ----


def test_the_tree_is_printed_without_any_configuration(bare: Path) -> None:
    told = call("decide", "--tree", "--json")

    assert (told.code, told.err) == (0, "")
    assert set(told.json) == {"nodes", "leaves"}
    assert told.json["nodes"][0]["id"] == "emergency"
    assert {"id", "question", "answers"} == set(told.json["nodes"][0])
    assert {"answer", "to"} == set(told.json["nodes"][0]["answers"][0])
    assert {"id", "title", "runbook"} == set(told.json["leaves"][0])
    names = [one["id"] for one in (*told.json["nodes"], *told.json["leaves"])]
    assert len(names) == len(set(names))
    leads = {one["to"] for node in told.json["nodes"] for one in node["answers"]}
    assert leads | {"emergency"} == set(names)
    for leaf in told.json["leaves"]:
        assert (ROOT / "runbooks" / leaf["runbook"]).is_file()


def test_the_tree_is_printed_as_lines(bare: Path) -> None:
    told = call("decide", "--tree")

    assert told.code == 0
    assert "emergency: Is it an emergency?" in told.out
    assert "  1  yes → harm_running" in told.out


def test_a_team_s_own_tree_is_the_one_that_is_walked(staged: Staged) -> None:
    stage = staged()
    folder = stage.config.parent / "ours"
    folder.mkdir()
    ours = (ROOT / "runbooks" / "decision-tree.toml").read_text(encoding="utf-8")
    (folder / "decision-tree.toml").write_text(
        ours.replace("Is it an emergency?", "Is it burning?"), encoding="utf-8"
    )
    stage.edit("[targets.pharmabot.azure]", 'runbooks = "ours"\n[targets.pharmabot.azure]')

    assert stage.call("decide", "--tree", "--json").json["nodes"][0]["question"] == "Is it burning?"

    (folder / "decision-tree.toml").write_text(ours.replace('to = "ours"', 'to = "nowhere"'), encoding="utf-8")
    told = stage.call("decide", "--tree")
    assert told.code == 2
    assert "emergency: no leads to nowhere, which is neither a node nor a leaf" in told.err


# ---- answers ----


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident["id"])
def test_a_file_of_truthful_answers_ends_at_the_leaf(bare: Path, answers: Path, incident: dict[str, Any]) -> None:
    told = call("decide", "--answers", put(answers, {**incident["answers"], "note": "a drill"}), "--json")

    assert (told.code, told.err) == (0, "")
    body = told.json
    assert body["schema"] == 1
    assert body["leaf"] == incident["tree"]["correct_leaf"]
    assert body["plan"] is None
    assert body["why_no_plan"]
    assert body["aftercare"]
    assert body["note"] == "a drill"
    for step in body["path"]:
        assert set(step) == {"node", "question", "answer"}
        assert step["answer"] == incident["answers"][step["node"].partition(".")[0]]


def test_the_leaf_s_plan_comes_with_it(watched: Rehearsal, answers: Path) -> None:
    told = watched.call("decide", "--answers", put(answers, CODE), "--json")

    assert (told.code, told.err) == (0, "")
    assert told.json["why_no_plan"] is None
    assert told.json["plan"]["to"] == "pharmabot--v41"
    lines = watched.call("decide", "--answers", str(answers)).out
    assert "→ Move the traffic back to the good revision  (code.traffic_shift" in lines
    assert "By hand:" in lines
    assert "Afterwards:" in lines


def test_a_plan_that_cannot_be_made_says_why(watched: Rehearsal, answers: Path) -> None:
    told = watched.call(
        "decide", "--answers", put(answers, {**CODE, "changed": "prompt", "target_alive": "yes"}), "--json"
    )

    assert told.code == 0
    assert told.json["leaf"] == "prompt.revert"
    assert told.json["plan"] is None
    assert told.json["why_no_plan"]


def test_a_manual_leaf_says_what_to_check(bare: Path, answers: Path) -> None:
    nothing = {"emergency": "yes", "harm_running": "no", "changed": "nothing", "data_lost": "no"}
    told = call("decide", "--answers", put(answers, {**nothing, "healthy_elsewhere": "yes"}), "--json")

    assert told.json["leaf"] == "gateway.reroute"
    assert told.json["steps"]
    assert told.json["why_no_plan"].startswith("it is done by hand")


def test_a_question_without_an_answer_is_named(bare: Path, answers: Path) -> None:
    told = call("decide", "--answers", put(answers, {"emergency": "yes"}), "--json")

    assert (told.code, told.out) == (3, "")
    assert told.err.startswith("Refused: no answer to harm_running: ")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({**CODE, "colour": "red"}, "The tree asks no 'colour'"),
        ({**CODE, "changed": "moon"}, "changed: 'moon' is no answer; it knows code, prompt"),
        ({**CODE, "emergency": True}, "emergency: an answer is a text in quotes"),
        ({**CODE, "note": 3}, "note: an answer is a text in quotes"),
        ('{"emergency": "yes", "emergency": "no"}', "emergency stands there twice"),
        ("[]", "an object is wanted"),
        ("{", "is no JSON with answers"),
        ("[" * 100_000, "is no JSON with answers"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_a_sentence(bare: Path, answers: Path, body: Any, told: str) -> None:
    found = call("decide", "--answers", put(answers, body))

    assert (found.code, found.out) == (2, "")
    assert told in found.err
    assert "Traceback" not in found.err


def test_a_file_that_does_not_exist_is_refused(bare: Path) -> None:
    assert "nowhere.json: No such file" in call("decide", "--answers", "nowhere.json").err


def test_questions_that_are_not_on_the_way_may_be_answered_too(bare: Path, answers: Path) -> None:
    every = {name: words[0] for name, words in CANONICAL.items()}

    assert call("decide", "--answers", put(answers, every)).code == 0


def test_a_configuration_that_is_wrong_is_not_passed_over(bare: Path, answers: Path) -> None:
    (bare / "rollback.toml").write_text("targets = 3", encoding="utf-8")

    assert call("decide", "--answers", put(answers, CODE)).code == 2


@pytest.mark.parametrize("options", [("--json",), ("--record",), ("--tree", "--answers", "x")])
def test_options_that_do_not_fit_are_refused(bare: Path, options: tuple[str, ...]) -> None:
    assert call("decide", *options).code == 2


# ---- prompts ----


def typed(*lines: str, folder: Path, config: Path | None = None, state: Path | None = None) -> Any:
    options = ["--config", str(config)] if config else []
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **({"ROLLBACK_STATE": str(state)} if state else {})}
    return subprocess.run(
        [*PROGRAM, *options, "decide"],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        timeout=60,
    )


def test_digits_words_and_a_step_back_lead_to_a_leaf(bare: Path) -> None:
    told = typed("9", "1", "b", "b", "yes", "no", "code", "1", "none", folder=bare)

    assert told.returncode == 0, told.stderr
    assert "There is no answer '9' here." in told.stdout
    assert "This is the first question." in told.stdout
    assert "→ Move the traffic back to the good revision" in told.stdout
    assert "no evidence here: nothing is configured" in told.stdout


def test_who_leaves_before_a_leaf_has_decided_nothing(bare: Path) -> None:
    assert typed("1", "q", folder=bare).returncode == 3
    assert typed("1", folder=bare).returncode == 3


def test_a_walk_by_prompts_shows_the_evidence_and_is_kept(staged: Staged, tmp_path: Path) -> None:
    stage = staged()
    told = typed("n seen by support", "1", "2", "1", "1", "1", folder=tmp_path, config=stage.config)

    assert told.returncode == 0, told.stderr
    assert "← suggested: v41→v42" in told.stdout
    assert "By hand:" in told.stdout
    incident = stage.call("history", "--json").json["incidents"][0]
    kept = [(one["node"] or one["leaf"], one["answer"]) for one in incident["answers"]]
    assert kept[:3] == [("emergency", "yes"), ("harm_running", "no"), ("changed", "code")]
    assert kept[-1][0] == "code.traffic_shift"
    assert incident["answers"][0]["note"] == "seen by support"
    assert {one["state"] for one in incident["aftercare"]} == {"open"}


# ---- the record ----


def test_answers_of_a_file_are_kept_only_where_that_is_asked_for(staged: Staged, answers: Path) -> None:
    stage = staged()
    put(answers, {**CODE, "note": "from the runbook"})

    stage.call("decide", "--answers", str(answers))
    assert stage.call("history", "--json").json["incidents"] == []

    stage.call("decide", "--answers", str(answers), "--record")
    stage.call("decide", "--answers", str(answers), "--record")
    (incident,) = stage.call("history", "--json").json["incidents"]
    assert [one["leaf"] for one in incident["answers"]].count("code.traffic_shift") == 2
    assert len(incident["aftercare"]) == 5

    done = stage.call("history", "aftercare", "--done", "2")
    assert done.code == 0
    assert "1 [ ] Find out" in done.out
    assert "2 [x] Deactivate the bad revision" in done.out
    draft = stage.call("history", "export").out
    assert "## What was decided" in draft
    assert "from the runbook" in draft
    assert "- [x] Deactivate the bad revision" in draft
    assert "- [ ] If it held or leaked keys" in draft
    assert "2 [x] Deactivate" in stage.call("history").out
    assert "2 [ ] Deactivate" in stage.call("history", "aftercare", "--reopen", "2").out
    assert stage.call("history", "aftercare", "--done", "77").code == 2


def test_what_was_answered_is_never_edited(staged: Staged, answers: Path, tmp_path: Path) -> None:
    stage = staged()
    stage.call("decide", "--answers", put(answers, CODE), "--record")

    (log,) = [one for one in Path(os.environ["ROLLBACK_STATE"]).rglob("*") if one.suffix in (".db", ".sqlite")]
    with sqlite3.connect(log) as connection:
        for table in ("answers", "aftercare"):
            for change in (f"DELETE FROM {table}", f"UPDATE {table} SET by = 'mallory'"):
                with pytest.raises(sqlite3.Error, match="append-only"):
                    connection.execute(change)
