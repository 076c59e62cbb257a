"""The file that `init` writes: understood, without a secret, and never over what somebody else wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.azure.survey import Account, App, Server
from console.config import ConfigError, SignInSettings, parse
from console.domain.snapshot import Environment
from console.setup.file import draft
from console.setup.proposals import Proposal, Related
from console.setup.text import Choice, render

HOSTILE = 'bot"]\\n[targets.evil]\\u202e\\x1b[2J \U0001f600 \'"""'


def choice(name: str = "bot", **fields: Any) -> Choice:
    app = App("bot", "bot-rg", "Multiple", env=(("KEY", "s3cret"),))
    servers = (Related(Server("bot-db", "bot-rg"), "same name, same group"),)
    accounts = (Related(Account("bot-oai", "bot-rg", deployments=("chat: gpt-4o 2024-11-20",)), "AOAI names it"),)
    body: dict[str, Any] = {
        "name": name,
        "environment": Environment.PRODUCTION,
        "azure": SignInSettings(subscription="s"),
        "proposal": Proposal(app, servers, accounts),
        "path": "/health/ready",
        "read_only": "nothing is written",
    }
    return Choice(**{**body, **fields})


def test_it_says_what_was_chosen_and_no_secret() -> None:
    text = render(choice(header="x-revision"))
    target = parse(text).targets["bot"]
    assert (target.environment, target.read_only) == (Environment.PRODUCTION, True)
    assert (target.azure.subscription, target.azure.resource_group) == ("s", "bot-rg")
    assert target.probe.identity is not None
    assert target.probe.identity.header == "x-revision"
    assert target.trigger("5xx").above == 5
    assert "#   PostgreSQL server bot-db in bot-rg: same name, same group" in text
    assert "#     deployment chat: gpt-4o 2024-11-20" in text
    assert "s3cret" not in text


def test_without_an_identity_it_says_what_is_missing() -> None:
    text = render(choice())
    assert parse(text).targets["bot"].probe.identity is None
    assert "CONTAINER_APP_REVISION" in text


@pytest.mark.parametrize(
    "place", ["name", "header", "pointer", "path", "url", "app", "group", "tenant", "subscription"]
)
def test_hostile_words_stay_words(place: str) -> None:
    fields: dict[str, Any] = {"header": "x"} if place != "pointer" else {}
    if place in ("app", "group"):
        fields["proposal"] = Proposal(App(*((HOSTILE, "g") if place == "app" else ("a", HOSTILE))), (), ())
    elif place in ("tenant", "subscription"):
        fields["azure"] = SignInSettings.model_validate({"subscription": "s", place: HOSTILE})
    else:
        fields[place] = f"/{HOSTILE}" if place == "path" else HOSTILE
    text = render(choice(**fields))
    settings = parse(text)
    assert list(settings.targets) == [HOSTILE if place == "name" else "bot"]
    expected = f"/{HOSTILE}" if place == "path" else HOSTILE
    assert expected in set(words(settings.model_dump(by_alias=True)))


def words(value: object) -> Iterator[str]:
    """Every string in a structure, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (str(key), *words(inner))


def test_hostile_names_in_comments_end_with_their_line() -> None:
    servers = (Related(Server(HOSTILE, HOSTILE), HOSTILE),)
    text = render(choice(proposal=Proposal(App("bot", "g"), servers, ())))
    assert list(parse(text).targets) == ["bot"]


def test_a_new_file_begins_with_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rollback.toml"
    new = draft(path, "bot", render(choice()))
    assert (new.before, new.changes) == (None, True)
    new.write()
    assert path.read_text().startswith("# What rollback-console watches")
    assert not draft(path, "bot", render(choice())).changes


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "rollback.toml"
    new = draft(path, "bot", render(choice()))
    path.write_text("somebody's")
    with pytest.raises(FileExistsError):
        new.write()
    assert path.read_text() == "somebody's"


def test_a_file_that_changes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "rollback.toml"
    draft(path, "bot", render(choice())).write()
    new = draft(path, "bot", render(choice(path="/other")))
    path.write_text(path.read_text() + "\n# mine\n")
    with pytest.raises(FileExistsError):
        new.write()
    assert "# mine" in path.read_text()


OTHER = """\
# Our file, please ask alice.
default_target = "shop"

# The shop.
[targets.shop]
environment = "staging"   # for now
[targets.shop.azure]
subscription = "s"
resource_group = "shop-rg"
[targets.shop.code]
container_app = "shop"
"""


def test_another_target_keeps_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "rollback.toml"
    path.write_text(OTHER)
    new = draft(path, "bot", render(choice()))
    assert new.after.startswith(OTHER)
    assert set(parse(new.after).targets) == {"shop", "bot"}
    removed = [line for line in new.difference.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert removed == []


@pytest.mark.parametrize("first", [True, False])
def test_a_target_is_replaced_among_others_and_again_without_any_trace(tmp_path: Path, first: bool) -> None:
    path = tmp_path / "rollback.toml"
    mine = render(choice(path="/old"))
    path.write_text(f"{mine}\n{OTHER.replace('default_target', '#default')}" if first else f"{OTHER}\n{mine}")
    for _ in range(2):
        draft(path, "bot", render(choice(path="/new"))).write()
    text = path.read_text()
    assert text.count("[targets.bot]") == text.count("# Found, not yet watched:") == 1
    assert ("/old" in text, "/new" in text) == (False, True)
    assert "# The shop.\n[targets.shop]" in text
    assert "# Our file, please ask alice." in text
    assert not draft(path, "bot", render(choice(path="/new"))).changes


def test_a_symbolic_link_and_a_mode_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "rollback.toml"
    draft(real, "bot", render(choice())).write()
    real.chmod(0o640)
    link.symlink_to(real)
    draft(link, "bot", render(choice(path="/other"))).write()
    assert link.is_symlink()
    assert "/other" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("text", ["not toml", "[targets.bot]\nenvironment = 7\n", "[a]\n"])
def test_a_file_that_is_not_understood_is_left_to_its_owner(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rollback.toml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        draft(path, "bot", render(choice()))
    assert path.read_text() == text
