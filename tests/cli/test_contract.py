"""What scripts rely on: the keys of the JSON, the exit codes, and sentences instead of tracebacks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Staged
from tests.cli.rehearsal import PROGRAM, ROOT, Rehearsal, call, run_cli

RFC_3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
V40, V41, V42 = "pharmabot--v40", "pharmabot--v41", "pharmabot--v42"
READ, WRITE = "Microsoft.App/containerApps/read", "Microsoft.App/containerApps/write"
RESOURCE = "/resourceGroups/pharmabot-rg/providers/Microsoft.App/containerApps/pharmabot"


# ---- status ----


def test_status_prints_what_scripts_rely_on(watched: Rehearsal) -> None:
    told = watched.call("status", "--json")

    assert (told.code, told.err) == (0, "")
    body = told.json
    assert body["schema"] == 1
    assert (body["target"], body["environment"]) == ("pharmabot", "rehearsal")
    assert RFC_3339.match(body["at"])
    code = body["layers"]["code"]
    assert (code["status"], code["error"], code["mode"]) == ("ok", None, "Multiple")
    assert code["good"]["revision"] == V41
    assert code["good"]["grade"] == "carried"
    assert code["good"]["reason"]
    assert [version["revision"] for version in code["versions"]] == [V42, V41, V40]
    newest = code["versions"][0]
    expected = {
        "revision": V42,
        "weight": 100,
        "active": True,
        "health": "Healthy",
        "running": "Running",
        "replicas": 3,
        "image": "pharmabot.azurecr.io/pharmabot:1.5.0-bad",
        "latest": True,
        "labels": ["candidate"],
    }
    assert {key: newest[key] for key in expected} == expected
    assert RFC_3339.match(newest["created"])
    assert [version["active"] for version in code["versions"]] == [True, True, False]


def test_status_without_json_is_lines_for_people(watched: Rehearsal) -> None:
    told = watched.call("status")

    assert told.code == 0
    assert "pharmabot  REHEARSAL" in told.out
    assert "v42" in told.out
    assert "r would go back to v41" in told.out


# ---- plan ----


def test_plan_shows_the_exact_request_and_sends_nothing(watched: Rehearsal) -> None:
    told = watched.call("plan", "--json")

    assert told.code == 0
    body = told.json
    assert (body["schema"], body["from"], body["to"]) == (1, [V42], V41)
    (step,) = [step for step in body["steps"] if step["writes"]]
    assert step["risk"] == "reversible"
    assert step["request"]["leaves"] == [
        {"weight": 100, "revision": V41, "latest": False, "label": "stable"},
        {"weight": 0, "revision": V42, "latest": False, "label": "candidate"},
    ]
    assert "az containerapp ingress traffic set" in body["by_hand"]
    assert watched.addresses["subscription"] in body["by_hand"]
    assert "…" not in body["by_hand"]
    assert watched.writes() == []


def test_plan_takes_a_revision_by_its_short_or_its_whole_name(watched: Rehearsal) -> None:
    for name in ("v40", V40):
        assert watched.call("plan", "--to", name, "--json").json["to"] == V40


@pytest.mark.parametrize(("to", "words"), [("v99", "no revision v99"), ("v42", "all the traffic already")])
def test_a_plan_to_nowhere_is_refused_in_a_sentence(watched: Rehearsal, to: str, words: str) -> None:
    told = watched.call("plan", "--to", to)

    assert told.code == 3
    assert words in told.err


# ---- rollback ----


def test_rollback_prints_the_run_it_proved(staged: Staged) -> None:
    stage = staged()

    told = stage.cli("rollback", "code", "--yes", "--json")

    assert told.code == 0, told.err
    run = told.json
    assert (run["schema"], run["id"], run["outcome"]) == (1, 1, "verified")
    assert [set(step) >= {"title", "command", "state"} for step in run["steps"]] == [True] * 4
    assert {step["state"] for step in run["steps"]} <= {"done", "skipped"}
    assert 0 <= run["accepted_s"] <= run["configured_s"] <= run["serving_s"] <= run["ended_s"]
    assert set(run) >= {"recovered_s", "from", "to", "by", "principal"}
    assert stage.writes() == ["PATCH"]
    assert stage.weights() == {"v41": 100, "v42": 0}
    # And the history says the same
    history = stage.cli("history", "--json").json
    assert history["runs"] == [run]
    # And the next console knows v42 as bad, and offers nothing newer or bad
    code = stage.cli("status", "--json").json["layers"]["code"]
    assert code["good"]["revision"] == V40
    # And rolling back again is nothing to do, not a second write
    again = stage.cli("rollback", "--to", "v41", "--yes")
    assert (again.code, stage.writes()) == (3, ["PATCH"])


def test_rollback_tells_its_steps_to_people(staged: Staged) -> None:
    told = staged().cli("rollback", "--yes")

    assert told.code == 0
    assert "By hand:" in told.out
    assert re.search(r"✔ traffic → v41 100 %", told.out)
    assert told.out.rstrip().splitlines()[-1].startswith("verified: v41 serves")


def test_rollback_without_yes_and_without_a_terminal_is_refused(watched: Rehearsal) -> None:
    told = watched.cli("rollback", "code")

    assert told.code == 3
    assert "--yes" in told.err
    assert watched.writes() == []


@pytest.mark.parametrize("where", ["option", "configuration"])
def test_a_read_only_console_refuses_to_write(staged: Staged, where: str) -> None:
    stage = staged()
    if where == "configuration":
        stage.edit('environment = "rehearsal"', 'environment = "rehearsal"\nread_only = true')
        told = stage.cli("rollback", "--yes")
    else:
        told = stage.cli("--read-only", "rollback", "--yes")

    assert told.code == 3
    assert "read-only" in told.err
    assert stage.writes() == []


def test_a_stuck_operation_is_verified_by_the_answers(staged: Staged) -> None:
    stage = staged("stuck-operation")

    told = stage.cli("rollback", "--yes", "--json")

    assert (told.code, told.json["outcome"]) == (0, "verified")
    assert {one["status"] for one in stage.state()["operations"]} == {"InProgress"}


def test_a_crash_loop_is_rolled_back(staged: Staged) -> None:
    told = staged("crash-loop").cli("rollback", "--yes", "--json")

    assert (told.code, told.json["outcome"]) == (0, "verified")
    assert told.json["recovered_s"] is not None


def test_a_stopped_target_is_started_first(staged: Staged) -> None:
    stage = staged("slow-start")

    told = stage.cli("rollback", "--yes", "--json")

    assert (told.code, told.json["outcome"]) == (0, "verified")
    assert stage.writes() == ["POST", "PATCH"]


def test_a_purged_target_cannot_be_asked_for_and_another_is_chosen(staged: Staged) -> None:
    stage = staged("purged-target")

    refused = stage.cli("rollback", "--to", "v41", "--yes")
    assert (refused.code, stage.writes()) == (3, [])
    told = stage.cli("rollback", "--yes", "--json")

    assert (told.code, told.json["outcome"], told.json["to"]) == (0, "verified", V40)


def test_a_write_that_is_not_allowed_fails_naming_the_action(staged: Staged) -> None:
    stage = staged()
    stage.fault("forbidden", action=WRITE)

    told = stage.cli("rollback", "--yes", "--json")

    assert told.code == 3
    assert WRITE in told.out + told.err
    assert stage.weights()["v42"] == 100


# ---- Azure that cannot be reached or does not allow ----

REFUSALS: Mapping[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "401": ({"name": "unauthorized"}, ("sign in", "401")),
    "403": ({"name": "forbidden", "action": "*/read"}, (READ, RESOURCE)),
    "404": ({"name": "error", "status": 404, "code": "ResourceNotFound"}, ("pharmabot", "does not exist")),
}


@pytest.mark.parametrize(("fault", "words"), REFUSALS.values(), ids=REFUSALS.keys())
def test_azure_that_refuses_is_named_and_exits_4(
    watched: Rehearsal, fault: Mapping[str, Any], words: tuple[str, ...]
) -> None:
    watched.fault(**fault)
    try:
        for command in (("status",), ("plan",), ("rollback", "--yes")):
            told = watched.call(*command)
            assert told.code == 4
            for word in words:
                assert word in told.out + told.err
    finally:
        watched.clear()


@pytest.mark.parametrize("command", [("status", "--json"), ("rollback", "--yes", "--json")], ids=lambda one: one[0])
def test_an_azure_that_nobody_reaches_exits_4_and_json_stays_json(
    watched: Rehearsal, tmp_path: Path, command: tuple[str, ...]
) -> None:
    config = tmp_path / "rollback.toml"
    config.write_text(watched.config.read_text().replace(watched.addresses["arm"], "http://127.0.0.1:9"))

    told = run_cli("--config", str(config), *command)

    assert told.code == 4
    if command[0] == "status":
        code = told.json["layers"]["code"]
        assert (code["status"], code["good"], code["versions"]) == ("error", None, [])
        assert "did not answer" in code["error"]
    else:
        assert told.out == ""
        assert "did not answer" in told.err


# ---- usage and configuration ----


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("rollback", "kernel"),
        ("status", "--nope"),
        ("history", "--limit", "0"),
        ("simulator", "--scenario", "nope"),
        ("demo", "--scenario", "nope"),
    ],
)
def test_a_wrong_command_line_exits_2_with_a_sentence(arguments: tuple[str, ...]) -> None:
    told = call(*arguments)

    assert told.code == 2
    assert told.err


def test_no_configuration_exits_2_and_says_what_works_without_one() -> None:
    told = run_cli("status")

    assert told.code == 2
    assert "rollback-console demo" in told.err


@pytest.mark.parametrize("content", ["", "[[[", "targets = 5", "[targets.x]\nenvironment = 'nope'", "\x00", "a = 1"])
def test_a_configuration_that_is_none_exits_2(tmp_path: Path, content: str) -> None:
    config = tmp_path / "rollback.toml"
    config.write_text(content)

    for command in ("status", "plan", "history", "rollback"):
        told = call("--config", str(config), command)
        assert told.code == 2
        assert str(config) in told.err


@pytest.mark.parametrize("kind", ["missing", "a folder", "not text"])
def test_a_configuration_that_cannot_be_read_exits_2(tmp_path: Path, kind: str) -> None:
    config = tmp_path / "rollback.toml"
    if kind == "a folder":
        config.mkdir()
    elif kind == "not text":
        config.write_bytes(b"\xff\xfe\x00\x01")

    assert call("--config", str(config), "status").code == 2


def test_several_targets_want_a_name(watched: Rehearsal, tmp_path: Path) -> None:
    text = watched.config.read_text().replace("default_target = ", "# default_target = ")
    config = tmp_path / "rollback.toml"
    config.write_text(text + text.replace("targets.pharmabot", "targets.other"))

    for command in ("status", "rollback"):
        told = call("--config", str(config), command)
        assert told.code == 2
        assert "--target" in told.err
    assert call("--config", str(config), "--target", "pharmabot", "status").code == 0
    assert call("--config", str(config), "status", "--target", "pharmabot").code == 0
    assert call("--config", str(config), "status", "--target", "nobody").code == 2


def test_without_a_terminal_the_console_itself_says_what_to_use_instead(watched: Rehearsal) -> None:
    told = watched.cli()

    assert told.code == 2
    assert "status" in told.err


def test_no_signals_is_a_configuration_like_any_other(watched: Rehearsal, tmp_path: Path) -> None:
    text = re.sub(r"\[\[targets(.|\n)*", "", watched.config.read_text())
    config = tmp_path / "rollback.toml"
    config.write_text(text.replace("[targets.pharmabot]", "[targets.pharmabot]\nsignals = []"))

    told = call("--config", str(config), "rollback", "--yes", "--to", "v99")
    assert (told.code, "no revision v99" in told.err) == (3, True)
    assert call("--config", str(config), "status").code == 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_any_terminal_s_encoding_gets_all_lines(staged: Staged, encoding: str) -> None:
    told = staged().cli("rollback", "--yes", PYTHONIOENCODING=encoding, PYTHONUTF8="0")

    assert told.code == 0
    assert "verified: v41 serves" in told.out


def test_a_pipe_that_closes_early_is_no_crash(watched: Rehearsal) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [*PROGRAM, "--config", str(watched.config), "plan"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment, text=True, timeout=60)
    os.close(writer)

    assert "Traceback" not in told.stderr
    assert "Exception" not in told.stderr


def test_a_working_folder_that_is_gone_is_no_crash(watched: Rehearsal, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = (
        "import os, sys; os.chdir(sys.argv[1]); os.rmdir(sys.argv[1]); from console.cli import main;"
        "sys.exit(main(['--config', sys.argv[2], 'status']))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, str(gone), str(watched.config)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    assert told.returncode == 0, told.stderr


# ---- demo ----


def test_demo_without_a_terminal_tells_the_story_and_exits_0(tmp_path: Path) -> None:
    told = run_cli("demo", "--speed", "50", ROLLBACK_STATE=str(tmp_path / "state"))

    assert told.code == 0, told.err
    headings = ["What serves:", "What is wrong:", "The plan:", "The rollback:", "The proof:"]
    places = [told.out.index(heading) for heading in headings]
    assert places == sorted(places)
    assert "verified: v41 serves" in told.out
    assert "marked good" in told.out


@pytest.mark.parametrize("scenario", ["crash-loop", "purged-target", "healthy"])
def test_demo_tells_every_scenario_to_an_end(tmp_path: Path, scenario: str) -> None:
    told = run_cli("demo", "--scenario", scenario, "--speed", "50", ROLLBACK_STATE=str(tmp_path / "state"))

    assert told.code == 0, told.out + told.err


def test_history_of_nothing_is_no_error(watched: Rehearsal) -> None:
    assert "No runs" in watched.call("history").out
    assert watched.call("history", "--json").json["runs"] == []


def test_version_and_help_need_nothing() -> None:
    assert "rollback-console" in run_cli("--version").out
    assert json.dumps(run_cli("--help").out).count("\\n") > 5
