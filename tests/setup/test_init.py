"""From nothing to a configuration that works, for whoever asks: by proposals, by answers, by what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import httpx
import pytest

from console.azure.survey import App
from console.clock import SystemClock
from console.config import SignInSettings, load
from console.domain.snapshot import Environment
from console.setup import begin as beginning
from console.setup.asking import NoAnswer, Proposed
from console.setup.begin import begin
from console.setup.interview import Beginning
from console.setup.look import look
from tests.cli.rehearsal import Rehearsal, call
from tests.setup.conftest import Init

MISSING = ("shift traffic", "activate a revision", "deactivate a revision")


def test_a_reader_comes_from_nothing_to_what_works_with_every_missing_permission_named(
    init: Init, tmp_path: Path
) -> None:
    told = init("--yes", token="rehearsal-reader")
    assert told.code == 0, told.out + told.err
    config = tmp_path / "rollback.toml"
    target = load(config).targets["pharmabot"]
    assert (target.read_only, target.code.container_app) == (True, "pharmabot")
    for title in MISSING:
        (line,) = [one for one in told.out.splitlines() if f"  {title}:" in one]
        assert "is missing" in line
    assert "az role assignment create " in told.out
    status = call("status", "--json")
    assert status.code == 0
    assert status.json["layers"]["code"]["status"] == "ok"
    assert call("doctor").code == 0


def test_an_operator_finds_everything_and_what_belongs_to_it(init: Init, tmp_path: Path) -> None:
    told = init("--yes")
    text = (tmp_path / "rollback.toml").read_text()
    assert told.code == 0, told.out + told.err
    assert "2 container apps visible." in told.out
    assert 'identity = { header = "x-revision" }' in text
    assert "#   PostgreSQL server pharmabot-db in pharmabot-rg: " in text
    assert "#   Azure OpenAI account pharmabot-openai in pharmabot-rg: " in text
    assert "intranet" not in text
    assert "read_only" not in text


def test_whoever_sees_nothing_is_told_why(init: Init, tmp_path: Path) -> None:
    told = init("--yes", token="rehearsal-nobody")
    assert told.code == 4
    assert "0 container apps visible: this identity may lack read (Microsoft.App/containerApps/read on " in told.out
    assert "0 PostgreSQL servers visible" in told.out
    assert not (tmp_path / "rollback.toml").exists()


def test_a_group_and_a_name_are_enough(init: Init, tmp_path: Path) -> None:
    told = init("-g", "intranet-rg", "-n", "intranet", "--yes", "--target", "site", "--output", "site.toml")
    assert list(load(tmp_path / "site.toml").targets) == ["site"], told.err


def test_an_app_that_is_not_there_is_told_with_its_address(init: Init) -> None:
    told = init("-g", "pharmabot-rg", "-n", "nonesuch", "--yes")
    assert told.code == 4
    assert "resourceGroups/pharmabot-rg/providers/Microsoft.App/containerApps/nonesuch" in told.out
    assert "nothing was written" in told.err


def test_yes_never_overwrites_and_shows_what_it_would_change(init: Init, tmp_path: Path) -> None:
    config = tmp_path / "rollback.toml"
    assert init("--yes").code == 0
    config.write_text(config.read_text().replace("/health/ready", "/mine"))
    before = config.read_bytes()
    told = init("--yes")
    assert told.code == 3
    assert '-path = "/mine"' in told.out
    assert '+path = "/health/ready"' in told.out
    assert config.read_bytes() == before


def test_the_same_answers_again_touch_nothing(init: Init, tmp_path: Path) -> None:
    init("--yes")
    before = (tmp_path / "rollback.toml").stat().st_mtime_ns
    told = init("--yes")
    assert (told.code, "says so already" in told.out) == (0, True)
    assert (tmp_path / "rollback.toml").stat().st_mtime_ns == before


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Lines that somebody types; an end of input when they are used up."""
    lines: list[str] = []

    def read(prompt: str) -> str:
        if not lines:
            raise EOFError
        return lines.pop(0)

    monkeypatch.setattr(click.termui, "visible_prompt_func", read)
    yield lines
    assert lines == []


def test_answers_by_number(init: Init, typed: list[str], tmp_path: Path) -> None:
    typed += ["2", "7", "2", "/healthz", "2", "x-served-by"]
    told = init("--output", "answered.toml")
    target = load(tmp_path / "answered.toml").targets["intranet"]
    assert target.environment is Environment.STAGING
    assert target.probe.path == "/healthz", told.out
    assert target.probe.identity is not None
    assert target.probe.identity.header == "x-served-by"
    for question in ("Which container app", "What is intranet?", "Which page", "which revision answered"):
        assert question in told.out


def test_enter_takes_every_proposal(init: Init, typed: list[str], tmp_path: Path) -> None:
    typed += [""] * 4
    assert init().code == 0
    assert list(load(tmp_path / "rollback.toml").targets) == ["pharmabot"]


def test_an_end_of_input_writes_nothing(init: Init, typed: list[str], tmp_path: Path) -> None:
    typed += ["1", "1"]
    told = init()
    assert (told.code, told.err) == (3, "Nobody answered; nothing was written.\n")
    assert not (tmp_path / "rollback.toml").exists()


@pytest.mark.parametrize(("answer", "code"), [("", 3), ("2", 3), ("1", 0)])
def test_what_is_there_is_changed_only_by_a_yes(
    init: Init, typed: list[str], tmp_path: Path, answer: str, code: int
) -> None:
    config = tmp_path / "rollback.toml"
    init("--yes")
    config.write_text(config.read_text().replace("/health/ready", "/mine"))
    typed += ["", "", "", "", answer]
    assert init().code == code
    assert ("/mine" in config.read_text()) is (code == 3)


def test_another_target_is_added_to_what_is_there(init: Init, tmp_path: Path) -> None:
    init("--yes")
    before = (tmp_path / "rollback.toml").read_text()
    told = init("-n", "intranet", "--yes")
    assert told.code == 3
    removed = [line for line in told.out.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert removed == []
    assert "+[targets.intranet]" in told.out
    assert (tmp_path / "rollback.toml").read_text() == before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--credential", "rehearsal"), "wants an endpoint on loopback"),
        (("--credential", "cli", "--rehearsal-token", "rehearsal"), "rehearsal_token wants credential"),
        (("--endpoint", "http://azure.example"), "loopback only"),
        (("--endpoint", "https://127.0.0.1:1", "--ca", "/nonexistent/ca.pem"), "/nonexistent/ca.pem cannot be read"),
    ],
)
def test_options_that_do_not_fit_are_exit_2(options: tuple[str, ...], told: str) -> None:
    answer = call("init", "--yes", "--subscription", "s", *options)
    assert (answer.code, told in answer.err) == (2, True)


def test_no_subscription_anywhere_is_exit_2() -> None:
    answer = call("init", "--yes")
    assert answer.code == 2
    assert "az account set --subscription" in answer.err


def test_az_that_is_not_there_is_exit_4_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = call("init", "--yes", "--subscription", "s")
    assert answer.code == 4
    assert "az is not installed here" in answer.err


def test_no_secret_is_in_any_output_or_file(init: Init, stage: Rehearsal, tmp_path: Path) -> None:
    told = init("--yes")
    everything = told.out + told.err + (tmp_path / "rollback.toml").read_text()
    for secret in (stage.addresses["client_secret"], stage.addresses["admin_token"], "aoai-key"):
        assert secret not in everything


ESCAPE = "bot\x1b]0;owned\x07\u202e'; rm -rf ~ #"


@dataclass
class Hostile:
    """An Azure where every word is hostile, and an environment with a secret in it."""

    said: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.lower()
        if path.endswith("permissions"):
            return httpx.Response(200, json={"value": [{"actions": ["*"]}]})
        if "containerapps" in path:
            return httpx.Response(200, json={"value": [self._app()]})
        named = {"name": ESCAPE, "id": f"/subscriptions/s/resourceGroups/{ESCAPE}/x", "kind": "OpenAI"}
        return httpx.Response(200, json={"value": [named]})

    def _app(self) -> dict[str, Any]:
        env = [{"name": ESCAPE, "value": f"password=s3cret;host={ESCAPE}"}]
        template = {"containers": [{"image": ESCAPE, "env": env}]}
        ingress = {"external": False, "fqdn": ESCAPE}
        properties = {"template": template, "configuration": {"ingress": ingress, "activeRevisionsMode": ESCAPE}}
        return {"name": ESCAPE, "id": f"/subscriptions/s/resourceGroups/{ESCAPE}/x", "properties": properties}


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Hostile:
    azure = Hostile()
    clients = [httpx.AsyncClient(transport=httpx.MockTransport(azure)) for _ in range(2)]
    monkeypatch.setattr(beginning, "open_http", lambda *told: tuple(clients))
    return azure


STAGED = SignInSettings(subscription="s", credential="rehearsal", endpoint="http://127.0.0.1:1")


async def test_hostile_names_are_visible_everywhere_and_obeyed_nowhere(hostile: Hostile, tmp_path: Path) -> None:
    wanted = Beginning(STAGED, tmp_path / "rollback.toml")
    drafted = await begin(wanted, Proposed(), hostile.said.append, SystemClock())
    drafted.write()
    shown = "\n".join((*hostile.said, drafted.after, drafted.difference))
    assert not set(shown) & {"\x1b", "\x07", "\u202e"}
    assert "s3cret" not in shown
    (target,) = load(wanted.output).targets.values()
    assert "\\x1b" in target.code.container_app


def test_without_a_person_a_choice_that_is_not_evident_is_not_made() -> None:
    with pytest.raises(NoAnswer) as told:
        Proposed().choose("Which?", ("a", "b"), -1)
    assert told.value.sentence == "Which? Name one with --app. There are: a; b."


@pytest.mark.parametrize(
    ("answers", "path", "header", "pointer"),
    [
        ({"/ready": httpx.Response(200, headers={"X-Rev": "bot--v1"})}, "/ready", "x-rev", ""),
        ({"/health": httpx.Response(200, json={"revision": "BOT--v1"})}, "/health", "", "/revision"),
        ({"/": httpx.Response(200, json={"a/b~c": "bot--v1"})}, "/", "", "/a~1b~0c"),
        ({"/healthz": httpx.Response(200, text="bot--v1")}, "/healthz", "", ""),
        ({}, "", "", ""),
    ],
)
async def test_a_service_is_asked_where_it_answers_and_how_it_names_itself(
    answers: dict[str, httpx.Response], path: str, header: str, pointer: str
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return answers.get(request.url.path, httpx.Response(404))

    app = App("bot", "g", external=True, fqdn="bot.example", readiness="/ready")
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        seen = await look(app, http)
    assert (seen.path, seen.header, seen.pointer) == (path, header, pointer)


async def test_an_app_that_cannot_be_asked_from_here_is_not_asked() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError("nobody is to be asked")

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        seen = await look(App("bot", "g", external=False, fqdn="bot.internal.example"), http)
    assert "can be asked from here" in seen.error
