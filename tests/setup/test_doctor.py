"""What is checked, what it is called, and what mends it: each judgement by itself, and all of them on a stage."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.azure.credentials import RehearsalCredential
from console.azure.read_client import ReadClient
from console.clock import SystemClock
from console.config import AzureSettings, CodeSettings, ProbeSettings, TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.signal import Sample
from console.domain.snapshot import Environment
from console.exits import Exit
from console.setup.azure_checks import AzureChecks
from console.setup.check import Check, Report, State
from console.setup.features import FEATURES
from console.setup.machine_checks import (
    az_check,
    config_check,
    logout_check,
    multiplexer_check,
    record_check,
    terminal_check,
)
from console.setup.service_checks import identity_check, probe_check
from tests.cli.rehearsal import Rehearsal, call

NOW = SystemClock().now()
REVISION = Revision("bot--v1", True, "Healthy", "Running", "Provisioned", 1, "image", NOW)
STATE = CodeState("bot", "Multiple", "Succeeded", "Running", "bot.example", True, (), (REVISION,), "bot--v1")
INSIDE = CodeState("bot", "Multiple", "Succeeded", "Running", "bot.example", False, (), (REVISION,), "bot--v1")
PROBE = ProbeSettings.model_validate({"identity": {"header": "x-revision"}})


@pytest.mark.parametrize(
    ("sample", "state", "told"),
    [
        (Sample(NOW, 200, latency_s=0.02), STATE, State.PASS),
        (Sample(NOW, 204, latency_s=0.02), None, State.PASS),
        (Sample(NOW, 200, latency_s=3.0), STATE, State.WARN),
        (Sample(NOW, 503, latency_s=0.1), STATE, State.WARN),
        (Sample(NOW, 404, latency_s=0.1), STATE, State.FAIL),
        (Sample(NOW, 403, latency_s=0.1), STATE, State.UNKNOWN),
        (Sample(NOW, None, error="no answer in time"), STATE, State.UNKNOWN),
        (Sample(NOW, None, error="no answer in time"), INSIDE, State.UNKNOWN),
    ],
)
def test_the_probe_is_judged_by_what_it_answered(sample: Sample, state: CodeState | None, told: State) -> None:
    assert probe_check(PROBE, sample, state).state is told


def test_an_internal_ingress_is_said_and_needs_no_mending() -> None:
    check = probe_check(PROBE, Sample(NOW, None, error="x"), INSIDE)
    assert "internal" in check.detail
    assert check.fix == ""


@pytest.mark.parametrize(
    ("named", "state", "told"),
    [
        ("bot--v1", STATE, State.PASS),
        ("bot--v9", STATE, State.FAIL),
        (None, STATE, State.FAIL),
        ("bot--v1", None, State.UNKNOWN),
    ],
)
def test_the_identity_names_a_revision_of_this_app(named: str | None, state: CodeState | None, told: State) -> None:
    assert identity_check(PROBE, Sample(NOW, 200, named), state).state is told


def test_no_identity_is_weak_and_no_answer_is_unknown() -> None:
    assert identity_check(ProbeSettings(), Sample(NOW, 200), STATE).state is State.WARN
    assert identity_check(PROBE, Sample(NOW, None, error="x"), STATE).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("term", "size", "told"),
    [
        ("xterm-256color", (80, 24), State.PASS),
        ("xterm-256color", (59, 24), State.WARN),
        ("xterm-256color", (80, 19), State.WARN),
        ("xterm-256color", (0, 0), State.WARN),
        ("dumb", (80, 24), State.WARN),
        ("", (80, 24), State.WARN),
        ("xterm", None, State.UNKNOWN),
    ],
)
def test_the_terminal(term: str, size: tuple[int, int] | None, told: State) -> None:
    assert terminal_check({"TERM": term}, size).state is told


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"TERM": "xterm", "NO_COLOR": ""}, "no colours"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "16 million"),
        ({"TERM": "tmux-256color"}, "256 colours"),
        ({"TERM": "linux"}, "16 colours"),
    ],
)
def test_colours_are_named(environment: dict[str, str], told: str) -> None:
    assert told in terminal_check(environment, (80, 24)).detail


def test_tmux_is_asked_whether_it_lets_a_question_pass() -> None:
    inside = {"TMUX": "a socket", "TMUX_PANE": "%1"}

    def answering(option: str | None) -> Check:
        return multiplexer_check(inside, lambda command: "tmux 3.3a" if command[1] == "-V" else option)

    assert (answering("on").state, answering("off").state) == (State.PASS, State.PASS)
    assert "turns it on" in answering("off").detail
    assert answering(None).state is State.WARN
    assert multiplexer_check({"STY": "1.x"}).state is State.WARN
    assert multiplexer_check({}).state is State.PASS


def test_a_configuration_that_others_can_write_is_weak(tmp_path: Path) -> None:
    file = tmp_path / "rollback.toml"
    file.write_text("")
    file.chmod(0o644)
    assert config_check(file).state is State.PASS
    file.chmod(0o664)
    assert (config_check(file).state, config_check(file).fix) == (State.WARN, f"chmod go-w {file}")
    assert "production" in config_check(None).detail


def test_the_run_log_is_opened_as_a_run_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state" / "bot.db"
    assert record_check(path, SystemClock()).state is State.PASS
    assert path.exists()
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert record_check(blocked / "bot.db", SystemClock()).state in (State.WARN, State.FAIL)


def test_logout_and_az() -> None:
    assert logout_check("yes").state is State.PASS
    assert logout_check("no: this machine ends your processes").fix.startswith("loginctl enable-linger ")
    assert az_check({"PATH": "/nonexistent"}).state is State.WARN


def report(*states: State, reached: bool = True) -> Report:
    return Report("bot", tuple(Check(f"c{place}", "t", state) for place, state in enumerate(states)), reached)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (report(State.PASS, State.WARN, State.UNKNOWN), Exit.DONE),
        (report(State.PASS, State.FAIL), Exit.FAILED),
        (report(State.FAIL, reached=False), Exit.UNREACHABLE),
        (report(State.PASS, reached=False), Exit.UNREACHABLE),
    ],
)
def test_exit_codes(found: Report, told: Exit) -> None:
    assert found.exit is told


def test_what_mends_is_said_once_and_hostile_text_is_visible() -> None:
    fix = "az role \x1b[2J"
    found = Report(
        "bot\u202e", (Check("a", "t", State.FAIL, "\x1b]0;x", fix), Check("b", "t", State.FAIL, "", fix)), True
    )
    text = "\n".join(found.lines())
    assert text.count("az role") == 1
    assert "mended by the same" in text
    for shown in (text, json.dumps(found.to_json(), ensure_ascii=False)):
        assert not set(shown) & {"\x1b", "\u202e"}


def settings(**fields: Any) -> TargetSettings:
    return TargetSettings(
        environment=Environment.PRODUCTION,
        azure=AzureSettings(subscription="s", resource_group="g", credential="cli"),
        code=CodeSettings(container_app="bot"),
        **fields,
    )


class Azure:
    """Answers as told by the end of the path; permissions are a reader's."""

    def __init__(self, **answers: httpx.Response) -> None:
        self.answers = answers
        self.methods: set[str] = set()
        self.date = SystemClock().now()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.methods.add(request.method)
        name = request.url.path.rpartition("/")[2]
        if name in self.answers:
            return self.answers[name]
        headers = {"Date": self.date.strftime("%a, %d %b %Y %H:%M:%S GMT")}
        if name == "permissions":
            return httpx.Response(200, json={"value": [{"actions": ["*/read"]}]}, headers=headers)
        mode = {"configuration": {"activeRevisionsMode": "Single"}}
        return httpx.Response(200, json={"name": "bot", "value": [], "properties": mode}, headers=headers)


async def checked(azure: Azure, **fields: Any) -> tuple[dict[str, Check], bool]:
    target = settings(**fields)
    async with httpx.AsyncClient(transport=httpx.MockTransport(azure)) as http:
        reader = ReadClient(target.azure, "bot", RehearsalCredential(), http, SystemClock())
        checks = AzureChecks(target, reader.arm, SystemClock())
        found = {check.id: check for check in await checks.ask()}
    assert azure.methods <= {"GET"}
    return found, checks.reached


REFUSAL = httpx.Response(403, json={"error": {"code": "AuthorizationFailed", "message": "no"}})
OPTIONAL = {one.id for one in FEATURES if one.optional}


async def test_a_reader_lacks_exactly_what_writes() -> None:
    found, reached = await checked(Azure())
    assert reached
    assert {name for name, check in found.items() if check.state is State.FAIL} == {"shift-traffic", "activate"}
    assert found["deactivate"].state is State.WARN
    assert "Microsoft.App/containerApps/write is missing" in found["shift-traffic"].detail
    assert found["shift-traffic"].fix.splitlines()[-1].endswith(f"--scope {settings().resource_id}")


async def test_what_is_not_needed_is_not_missed() -> None:
    found, _ = await checked(Azure(), read_only=True)
    assert {check.state for check in found.values()} <= {State.PASS, State.WARN}
    assert "not needed while read_only" in found["shift-traffic"].detail


async def test_a_list_of_permissions_that_may_not_be_read_leaves_unknowns_and_what_was_tried() -> None:
    found, _ = await checked(Azure(permissions=REFUSAL))
    assert found["read-app"].state is State.PASS
    assert found["permissions"].state is State.WARN
    assert found["shift-traffic"].state is State.UNKNOWN


async def test_what_was_refused_counts_more_than_what_is_listed() -> None:
    found, reached = await checked(Azure(revisions=REFUSAL))
    assert reached
    assert found["list-revisions"].state is State.FAIL
    assert "revisions/read is missing" in found["list-revisions"].detail


async def test_an_app_that_does_not_exist_is_not_a_missing_permission() -> None:
    found, reached = await checked(Azure(bot=httpx.Response(404, json={"error": {"code": "ResourceNotFound"}})))
    assert reached
    assert (
        found["read-app"].fix
        == "the apps there are: az containerapp list --resource-group g --subscription s --output table"
    )


async def test_a_sign_in_that_azure_does_not_take_is_not_reaching_it() -> None:
    refusal = httpx.Response(401, json={"error": {"code": "InvalidAuthenticationTokenTenant"}})
    found, reached = await checked(Azure(bot=refusal))
    assert not reached
    assert found["shift-traffic"].state is State.UNKNOWN


@pytest.mark.parametrize(
    ("behind_s", "told", "words"), [(0, State.PASS, ""), (300, State.WARN, "ahead of"), (-300, State.WARN, "behind")]
)
async def test_the_clock_is_compared_with_azures(behind_s: int, told: State, words: str) -> None:
    azure = Azure()
    azure.date -= timedelta(seconds=behind_s)
    found, _ = await checked(azure)
    assert found["clock"].state is told
    assert words in found["clock"].detail


async def test_single_mode_is_told_with_what_it_costs() -> None:
    found, _ = await checked(Azure())
    assert found["mode"].state is State.WARN
    assert "az containerapp revision set-mode --mode multiple --name bot" in found["mode"].fix


IDS = (
    "config", "sign-in", *(feature.id for feature in FEATURES), "clock", "mode", "read-models", "write-models",
    "delete-models", "pinned-models", "read-prompts", "write-prompts", "read-calls", "probe", "identity", "golden",
    "terminal", "tmux", "logout", "run-log", "az",
)  # fmt: skip


def test_the_json_that_scripts_rely_on(stage: Rehearsal) -> None:
    told = stage.call("doctor", "--json")
    body = told.json
    assert told.code == 0, told.out
    assert (body["schema"], body["target"]) == (1, "pharmabot")
    assert tuple(check["id"] for check in body["checks"]) == IDS
    for check in body["checks"]:
        assert set(check) == {"id", "title", "state", "detail", "fix"}
        assert check["state"] in ("pass", "fail", "warn", "unknown")
    states = {check["id"]: check["state"] for check in body["checks"]}
    assert [
        name for name in ("sign-in", "shift-traffic", "golden", "identity", "run-log") if states[name] != "pass"
    ] == []


def test_it_writes_nothing_to_azure(stage: Rehearsal) -> None:
    before = stage.writes()
    assert stage.call("doctor").code == 0
    assert stage.writes() == before


@pytest.mark.parametrize(("token", "code"), [("rehearsal-reader", 1), ("rehearsal-nobody", 1)])
def test_each_identity_is_told_what_it_lacks(stage: Rehearsal, tmp_path: Path, token: str, code: int) -> None:
    config = tmp_path / "rollback.toml"
    words = 'credential = "rehearsal"'
    config.write_text(stage.config.read_text().replace(words, f'{words}\nrehearsal_token = "{token}"', 1))
    told = call("--config", str(config), "doctor", "--json")
    assert told.code == code
    checks = {check["id"]: check for check in told.json["checks"]}
    missing = {one.id for one in FEATURES if "is missing" in checks[one.id]["detail"]}
    writes = {"shift-traffic", "activate", "deactivate"}
    assert missing == (writes if token == "rehearsal-reader" else {"read-app", "list-revisions", "permissions"})
    assert all("az role assignment create " in checks[name]["fix"] for name in missing)


def test_nobody_at_the_other_end_is_exit_4(tmp_path: Path, stage: Rehearsal) -> None:
    config = tmp_path / "rollback.toml"
    config.write_text(stage.config.read_text().replace(stage.addresses["arm"], "http://127.0.0.1:1"))
    told = call("--config", str(config), "doctor", "--json")
    assert told.code == 4
    states = {check["id"]: check["state"] for check in told.json["checks"]}
    assert (states["shift-traffic"], states["run-log"]) == ("unknown", "pass")


def test_a_configuration_with_mistakes_is_exit_2(tmp_path: Path) -> None:
    config = tmp_path / "rollback.toml"
    config.write_text("[targets.bot]\n")
    assert call("--config", str(config), "doctor").code == 2


def test_a_role_is_printed_for_the_subscription_of_the_target(stage: Rehearsal) -> None:
    body = stage.call("doctor", "--role", "operator").json
    assert body["AssignableScopes"] == [f"/subscriptions/{stage.addresses['subscription']}"]
    assert call("doctor", "--role", "reader").json["AssignableScopes"] == ["/subscriptions/SUBSCRIPTION"]


def test_no_secret_of_the_stage_or_the_environment_is_in_any_output(
    stage: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "s3cret-of-ours")
    told = stage.call("doctor")
    for secret in ("s3cret-of-ours", stage.addresses["client_secret"], stage.addresses["admin_token"]):
        assert secret not in told.out + told.err
