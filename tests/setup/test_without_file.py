"""An app named on the command line, without any configuration: production until somebody says otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console import open_desk, target
from console.azure.credentials import RehearsalCredential
from console.clock import SystemClock
from console.commands.app import _glance
from console.config import ConfigError, parse
from console.domain.snapshot import Environment
from console.open_desk import chosen
from console.setup.without_file import subscription, without_file
from console.simulator import scenarios
from console.simulator.settings import Account
from console.simulator.stage import ScaledClock, Stage
from console.simulator.transport import SimulatedTransport
from console.wanted import Wanted
from tests.cli.rehearsal import call

SUBSCRIPTION = Account().subscription
NAMED = ("-n", "pharmabot", "-g", "pharmabot-rg", "--subscription", SUBSCRIPTION)


@pytest.fixture
def azure_in_memory(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The embedded Azure where the public one would be, address for address."""
    stage = Stage(scenarios.build("bad-image", Account(), SystemClock().now()), ScaledClock())
    whole: Callable[..., Any] = target.open_clients

    def opened(*told: Any, **options: Any) -> Any:
        return whole(*told, **{**options, "transport": SimulatedTransport(stage)})

    monkeypatch.setattr(open_desk, "open_clients", opened)
    monkeypatch.setattr("console.setup.doctor.open_clients", opened)
    monkeypatch.setattr(target, "credential_for", lambda *told: RehearsalCredential())
    return stage


@pytest.mark.usefixtures("azure_in_memory")
@pytest.mark.parametrize("command", ["status", "plan", "history", "doctor"])
def test_every_command_that_reads_works_without_a_file(command: str) -> None:
    told = call(*NAMED, command, "--json")
    assert told.code in (0, 3), told.err
    assert told.json["target"] == "pharmabot"


@pytest.mark.usefixtures("azure_in_memory")
def test_it_is_shown_as_production() -> None:
    assert call(*NAMED, "status", "--json").json["environment"] == "production"
    glanced = _glance(Wanted(app="bot", group="g"))
    assert glanced is not None
    assert glanced.environment is Environment.PRODUCTION


@pytest.mark.usefixtures("azure_in_memory")
def test_doctor_names_the_app_in_the_commands_that_mend() -> None:
    checks = {check["id"]: check for check in call(*NAMED, "doctor", "--json").json["checks"]}
    assert "named on the command line" in checks["config"]["detail"]
    assert checks["identity"]["state"] == "warn"


def test_a_rollback_without_a_terminal_still_refuses() -> None:
    assert call(*NAMED, "--read-only", "rollback").code != 0


def test_a_file_and_an_app_exclude_each_other() -> None:
    told = call("--config", "rollback.toml", *NAMED, "status")
    assert (told.code, "give either" in told.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-n", "bot"), "--group"),
        (("-g", "rg"), "--app"),
        (("--subscription", "s"), "--app"),
        (("-n", "bot", "-g", "rg"), "No subscription"),
        (("-n", "bot", "-g", "rg", "--subscription", "s", "--target", "other"), "--target"),
    ],
)
def test_what_is_missing_is_said(options: tuple[str, ...], told: str) -> None:
    answer = call(*options, "status")
    assert (answer.code, told in answer.err) == (2, True)


def test_an_app_on_the_command_line_wins_over_a_file_that_lies_about(tmp_path: Path) -> None:
    (tmp_path / "rollback.toml").write_text('[targets.other]\nenvironment = "staging"\n')
    found = chosen(Wanted(app="bot", group="g", subscription="s"), {"HOME": str(tmp_path)}, tmp_path)
    assert (found.name, found.file, found.settings.environment) == ("bot", None, Environment.PRODUCTION)
    assert found.settings.azure.credential == "cli"
    assert found.log.is_relative_to(tmp_path)


def test_reading_only_is_kept(tmp_path: Path) -> None:
    asked = Wanted(app="bot", group="g", subscription="s", read_only=True)
    assert chosen(asked, {"HOME": str(tmp_path)}, tmp_path).settings.read_only


def test_the_subscription_is_the_one_named_else_the_environments_else_azs(tmp_path: Path) -> None:
    entry = {
        "id": "of-az",
        "name": "shop",
        "tenantId": "t",
        "isDefault": True,
        "environmentName": "AzureUSGovernment",
    }
    (tmp_path / "azureProfile.json").write_text(json.dumps({"subscriptions": [entry]}), encoding="utf-8-sig")
    az = {"AZURE_CONFIG_DIR": str(tmp_path)}
    assert subscription("named", {**az, "AZURE_SUBSCRIPTION_ID": "set"}) == {"subscription": "named"}
    assert subscription(None, {**az, "AZURE_SUBSCRIPTION_ID": "set"}) == {"subscription": "set"}
    assert subscription(None, az) == {"subscription": "of-az", "cloud": "government"}
    assert subscription("SHOP", az) == {"subscription": "of-az", "cloud": "government"}
    name, settings = without_file(Wanted(app="bot", group="g"), az)
    assert (name, settings.azure.arm) == ("bot", "https://management.usgovcloudapi.net")


def test_a_credential_that_is_no_kind_is_said() -> None:
    with pytest.raises(ConfigError, match="do not name an app"):
        without_file(Wanted(app="bot", group="g", subscription="s", credential="password"), {})


REHEARSAL = """
[targets.bot]
environment = "rehearsal"
[targets.bot.azure]
subscription = "s"
resource_group = "g"
credential = "{credential}"
endpoint = "http://127.0.0.1:1"
rehearsal_token = "{token}"
[targets.bot.code]
container_app = "bot"
"""


@pytest.mark.parametrize("token", ["rehearsal", "rehearsal-reader", "rehearsal-nobody"])
def test_a_rehearsal_may_be_somebody(token: str) -> None:
    settings = parse(REHEARSAL.format(credential="rehearsal", token=token))
    assert settings.targets["bot"].azure.rehearsal_token == token


@pytest.mark.parametrize(
    ("credential", "token"),
    [
        ("cli", "rehearsal-reader"),
        ("rehearsal", "s3cret"),
        ("rehearsal", "rehearsal-s3cret-0f9c"),
        ("rehearsal", "rehearsal-"),
        ("rehearsal", "Rehearsal"),
    ],
)
def test_a_secret_never_stands_in_for_a_rehearsals_word(credential: str, token: str) -> None:
    with pytest.raises(ConfigError):
        parse(REHEARSAL.format(credential=credential, token=token))
