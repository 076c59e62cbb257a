"""rollback.toml: every mistake at once with its place, what is never legal, and which file it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.config import ConfigError, Settings, find, parse
from console.config.settings import is_loopback
from console.open_desk import _choose

GOOD = """
default_target = "bot"

[targets.bot]
environment = "{environment}"
[targets.bot.azure]
subscription = "00000000-0000-0000-0000-000000000000"
resource_group = "rg"
{azure}
[targets.bot.code]
container_app = "bot"
"""


def text(azure: str = "", environment: str = "production") -> str:
    return GOOD.format(azure=azure, environment=environment)


def mistakes(content: str) -> dict[str, str]:
    """Each mistake by its key, as a person reads it."""
    with pytest.raises(ConfigError) as raised:
        parse(content)
    return {mistake.key: str(mistake) for mistake in raised.value.mistakes}


def test_a_small_configuration_is_enough() -> None:
    target = parse(text()).targets["bot"]

    assert target.azure.arm == "https://management.azure.com"
    assert target.trigger("5xx").above == 5.0
    assert not target.read_only


def test_all_mistakes_are_told_at_once_each_with_its_line_and_the_nearest_key() -> None:
    content = """\
default_target = "bot"
[targets.bot]
enviroment = "production"
[targets.bot.azure]
subscripton = "x"
resource_group = 7
credential = "magic"
[targets.bot.code]
container_app = ""
[targets.bot.probe]
path = "health"
timeout_s = -1
[[targets.bot.signals]]
name = "5xx"
[[targets.bot.triggers]]
signal = "5xx"
for_s = "soon"
"""
    told = mistakes(content)

    expected = {
        "targets.bot.enviroment": ("line 3", "did you mean environment?"),
        "targets.bot.environment": ("this key is needed",),
        "targets.bot.azure.subscripton": ("line 5", "did you mean subscription?"),
        "targets.bot.azure.subscription": ("line 4", "this key is needed"),
        "targets.bot.azure.resource_group": ("line 6", "found 7"),
        "targets.bot.azure.credential": ("line 7", "'cli'", "found 'magic'"),
        "targets.bot.code.container_app": ("line 9",),
        "targets.bot.probe.path": ("line 11", "begins with /"),
        "targets.bot.probe.timeout_s": ("line 12", "found -1"),
        "targets.bot.triggers.0.for_s": ("line 17", "found 'soon'"),
    }
    assert told.keys() >= expected.keys()
    for key, words in expected.items():
        for word in words:
            assert word in told[key]


def test_mistakes_come_in_the_order_of_their_lines() -> None:
    with pytest.raises(ConfigError) as raised:
        parse(text('zzz = 1\naaa = 2\ntenant = ["x"]'))

    lines = [mistake.line for mistake in raised.value.mistakes]
    assert lines == sorted(lines)
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("trigger", "words"),
    [('signal = "4xx"\nabove = 1', "the signals are 5xx"), ('signal = "5xx"', "wants above or below")],
)
def test_a_trigger_needs_a_signal_and_a_limit(trigger: str, words: str) -> None:
    told = mistakes(text() + f"[[targets.bot.triggers]]\n{trigger}\n")

    assert any(words in sentence for sentence in told.values())


# ---- endpoints ----


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://10.0.0.5",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "http://127.0.0.1@evil.example",
        "http://127.0.0.1:80@evil.example/",
        "http://127.0.0.1\\\\@evil.example",
        "http://2130706433",
        "http://0x7f.1",
        "http://[::ffff:10.0.0.1]",
        "//127.0.0.1",
        "127.0.0.1:80",
        "localhost",
        "http://[::1",
        "",
    ],
)
def test_an_endpoint_that_is_not_this_machine_is_a_mistake(url: str) -> None:
    told = mistakes(text(f'endpoint = "{url}"', "staging"))

    assert any("targets.bot.azure" in key for key in told)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:5", "https://127.0.0.9"]
)
def test_an_endpoint_on_loopback_is_for_rehearsals_and_never_for_production(url: str) -> None:
    azure = f'endpoint = "{url}"\ncredential = "rehearsal"'

    assert parse(text(azure, "rehearsal")).targets["bot"].azure.arm == url
    assert "never allowed" in " ".join(mistakes(text(azure, "production")).values())
    assert is_loopback(url)


@pytest.mark.parametrize(
    "azure", ['credential = "rehearsal"', 'credential = "rehearsal"\nendpoint = "https://management.azure.com"']
)
def test_the_rehearsal_s_token_goes_nowhere_but_loopback(azure: str) -> None:
    assert any("loopback" in sentence for sentence in mistakes(text(azure, "staging")).values())


@pytest.mark.parametrize(
    ("cloud", "arm"),
    [
        ("china", "https://management.chinacloudapi.cn"),
        ("government", "https://management.usgovcloudapi.net"),
    ],
)
def test_the_sovereign_clouds_have_their_own_address_and_scope(cloud: str, arm: str) -> None:
    azure = parse(text(f'cloud = "{cloud}"')).targets["bot"].azure

    assert (azure.arm, azure.scope) == (arm, f"{arm}/.default")


# ---- targets ----


def two(default: str = "") -> Settings:
    lines = [f'default_target = "{default}"'] if default else []
    body = text().replace('default_target = "bot"', "")
    return parse("\n".join([*lines, body, body.replace("targets.bot", "targets.other")]))


def test_of_several_targets_one_is_named_or_is_the_default() -> None:
    assert _choose(two("other"), None)[0] == "other"
    assert _choose(two("other"), "bot")[0] == "bot"
    with pytest.raises(ConfigError, match="--target"):
        _choose(two(), None)
    with pytest.raises(ConfigError, match="no target 'nobody'"):
        _choose(two("bot"), "nobody")


def test_a_default_that_does_not_exist_is_a_mistake() -> None:
    assert any("the targets are bot" in one for one in mistakes(text().replace('"bot"\n', '"bat"\n', 1)).values())


def test_two_targets_of_the_same_name_in_other_places_have_different_records() -> None:
    one = parse(text()).targets["bot"]
    other = parse(text().replace('"rg"', '"rg2"')).targets["bot"]

    assert one.fingerprint != other.fingerprint
    assert one.fingerprint == parse(text().replace('"rg"', '"RG"')).targets["bot"].fingerprint


# ---- hostile values ----

HOSTILE = ["\\u001b[2J", "\\u202egpj", "\\u0000", "\\u200b", "\\u009b31m"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_is_wrong_is_told_without_what_would_move_the_cursor(hostile: str) -> None:
    content = f'{text()}\n["{hostile}"]\nx = "{hostile}"\n[targets."{hostile}"]\nenvironment = "{hostile}"\n'

    with pytest.raises(ConfigError) as raised:
        parse(content, "\x1b[2Jrollback.toml")

    assert all(line.isprintable() for line in raised.value.sentence.splitlines())


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("place", ["container_app", "resource_group", "subscription", "target", "path", "name"])
def test_names_that_would_move_the_cursor_are_mistakes(hostile: str, place: str) -> None:
    content = text()
    match place:
        case "target":
            content = content.replace("[targets.bot", f'[targets."{hostile}"').replace('default_target = "bot"', "")
        case "container_app":
            content = content.replace('container_app = "bot"', f'container_app = "{hostile}"')
        case "path":
            content += f'[targets.bot.probe]\npath = "/{hostile}"\n'
        case "name":
            content += f'[[targets.bot.signals]]\nname = "{hostile}"\n'
        case _:
            lines = content.splitlines()
            content = "\n".join(f'{place} = "{hostile}"' if line.startswith(place) else line for line in lines)

    told = mistakes(content)

    assert told
    assert all(line.isprintable() for line in told.values())


@pytest.mark.parametrize("content", ["a = 'x\x1b[2J", "[targets.\x1b]", "x = \x07", "=" * 10_000, "\ufeff" + GOOD])
def test_what_is_not_toml_is_one_printable_sentence(content: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(content)

    assert raised.value.summary.isprintable()
    assert len(raised.value.summary) < 1000


# ---- which file ----


def place(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "rollback.toml"
    path.write_text(text())
    return path


def test_the_first_place_that_has_one_wins(tmp_path: Path) -> None:
    named, pointed = tmp_path / "named.toml", tmp_path / "pointed.toml"
    here, above = place(tmp_path / "a" / "b"), place(tmp_path / "a")
    xdg = place(tmp_path / "xdg" / "rollback-console")
    environment = {"ROLLBACK_CONFIG": str(pointed), "XDG_CONFIG_HOME": str(tmp_path / "xdg"), "HOME": str(tmp_path)}

    assert find(named, environment, here.parent) == named
    assert find(None, environment, here.parent) == pointed
    del environment["ROLLBACK_CONFIG"]
    assert find(None, environment, here.parent) == here
    here.unlink()
    assert find(None, environment, here.parent) == above
    above.unlink()
    assert find(None, environment, here.parent) == xdg
    home = place(tmp_path / ".config" / "rollback-console")
    assert find(None, {"HOME": str(tmp_path)}, here.parent) == home


def test_a_file_above_that_is_somebody_else_s_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(tmp_path / "a")
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)

    with pytest.raises(ConfigError, match="demo"):
        find(None, {"HOME": str(tmp_path / "home")}, tmp_path / "a" / "b")


def test_a_folder_that_may_not_be_looked_into_is_passed_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = place(tmp_path / "a")
    real = Path.is_file

    def refuses(path: Path) -> bool:
        if path.parent != here.parent:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "is_file", refuses)

    assert find(None, {"HOME": "/nowhere"}, tmp_path / "a" / "b") == here
    here.unlink()
    with pytest.raises(ConfigError):
        find(None, {"HOME": "/nowhere"}, tmp_path / "a" / "b")
