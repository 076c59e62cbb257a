"""Signals in rollback.toml: what each source wants, and what judges it."""

from __future__ import annotations

from typing import Any

import pytest

from console.config import ConfigError, TargetSettings, parse

HEAD = """
[targets.bot]
environment = "staging"
[targets.bot.azure]
subscription = "s"
resource_group = "rg"
[targets.bot.code]
container_app = "bot"
"""


def target(text: str) -> TargetSettings:
    return parse(HEAD + text).targets["bot"]


def mistakes(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        target(text)
    return raised.value.sentence


def signal(**keys: Any) -> str:
    lines = "\n".join(f"{key} = {value!r}" for key, value in keys.items())
    return f"\n[[targets.bot.signals]]\n{lines}\n"


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"source": "prometheus"}, 'source = "prometheus" wants url and query'),
        ({"source": "prometheus", "query": "up"}, 'source = "prometheus" wants url'),
        ({"source": "http-json", "url": "http://x"}, 'source = "http-json" wants pointer'),
        ({"source": "http-json", "url": "http://x", "pointer": "a"}, "a JSON pointer begins with /"),
        ({"source": "prometheus", "url": "file:///etc/passwd", "query": "up"}, "begins with http:// or https://"),
        ({"source": "prometheus", "url": "http://u:p@x", "query": "up"}, "a password never stands in this file"),
        ({"source": "azure-monitor"}, "or the section model for its account's 429s"),
        ({"source": "azure-monitor", "resource": "/subscriptions/s/x"}, "resource wants metric"),
        ({"source": "azure-monitor", "metric": "M", "resource": "x"}, "begins with /subscriptions/"),
        ({"source": "calls"}, 'source = "calls" wants the section calls'),
        ({"source": "golden"}, 'source = "golden" wants the section golden'),
        ({"source": "probe", "query": "up", "pointer": "/a"}, 'source = "probe" takes no query and no pointer'),
    ],
)
def test_what_a_source_lacks_or_does_not_take_is_a_sentence(keys: dict[str, str], sentence: str) -> None:
    told = mistakes(signal(name="x", **keys))

    assert sentence in told
    assert "line 1:" not in told


def test_secrets_of_headers_come_from_the_environment_only() -> None:
    text = signal(name="x", source="http-json", url="http://x", pointer="/a")

    assert 'write x-api-key = "env:NAME" instead' in mistakes(text + 'headers = { x-api-key = "s3cr3t" }\n')
    assert target(text + 'headers = { x-api-key = "env:KEY", accept = "application/json" }\n')


def test_a_call_log_without_a_status_cannot_say_which_calls_failed() -> None:
    calls = '[targets.bot.calls]\nurl = "sqlite:///c.db"\n'

    assert "give calls.columns.status, or a query" in mistakes(calls + signal(name="x", source="calls"))
    assert target(calls + 'columns = { status = "status" }\n' + signal(name="x", source="calls"))
    assert target(calls + signal(name="x", source="calls", query="SELECT 1")).trigger("x").judges is False


def test_two_signals_of_one_name_would_be_judged_as_one() -> None:
    assert 'two signals are called "x"' in mistakes(signal(name="x") + signal(name="x"))


def test_golden_questions_on_a_pace_are_a_signal_that_wants_all_of_them_right() -> None:
    found = target("[targets.bot.golden]\n")

    assert [(one.name, one.source, one.measures_quality) for one in found.signals] == [
        ("5xx", "probe", False),
        ("golden", "golden", True),
    ]
    assert found.trigger("golden").breached_by(87.5)
    assert not found.trigger("golden").breached_by(100.0)
    again = TargetSettings.model_validate(found.model_dump(mode="json", by_alias=True))
    assert again == found


def test_golden_questions_on_demand_are_none() -> None:
    assert [one.name for one in target("[targets.bot.golden]\nevery_s = 0\n").signals] == ["5xx"]


def test_a_foreign_number_has_no_limit_and_no_unit_of_ours() -> None:
    found = target(signal(name="p95", source="prometheus", url="http://x", query="up"))

    assert found.signals[0].unit == ""
    assert not found.trigger("p95").judges
    assert "without a trigger on it nothing says which number is good" in mistakes(
        signal(name="p95", source="prometheus", url="http://x", query="up") + "quality = true\n"
    )
