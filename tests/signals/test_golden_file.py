"""golden.toml: every mistake at once with its place, and what the questions come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.config.golden_file import load, parse
from console.config.load import ConfigError

THREE = """
path = "/chat"
timeout_s = 10
[headers]
authorization = "Bearer env:CHAT_TOKEN"

[[question]]
name = "dose"
json = { question = "How much?" }
at = "/answer"
contains = ["400 mg", "day"]
lacks = "I cannot"
regex = '\\d+ mg'

[[question]]
name = "shape"
path = "/chat?short=1"
body = "How?\\nWhy?"
schema = { type = "object", required = ["answer"] }

[[question]]
name = "source"
json = { question = "Where?" }
headers = { x-user = "golden" }
document = "leaflet-"
"""


def mistakes(text: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as raised:
        parse(text)
    return {mistake.key: str(mistake) for mistake in raised.value.mistakes}


def test_questions_are_read_with_what_the_file_says_for_all_of_them() -> None:
    dose, shape, source = parse(THREE)

    assert [check.kind for check in dose.checks] == ["contains", "contains", "lacks", "regex"]
    assert {check.at for check in dose.checks} == {"/answer"}
    assert (dose.path, dose.method, dose.timeout_s) == ("/chat", "POST", 10)
    assert (shape.path, shape.body) == ("/chat?short=1", "How?\nWhy?")
    assert source.headers == {"authorization": "Bearer env:CHAT_TOKEN", "x-user": "golden"}
    assert source.checks[0].at == "/sources"


def test_all_mistakes_are_told_at_once_each_with_its_line_and_the_question_it_is_in() -> None:
    found = mistakes(
        """\
path = "chat"
[[question]]
name = "dose"
containz = "x"
[[question]]
name = "regex"
regex = "("
[[question]]
name = "nothing"
[[question]]
name = "schema"
schema = { type = "objekt" }
headers = { api-key = "s3cr3t" }
"""
    )

    assert found["path"] == "line 1: path: a path begins with /"
    assert found['question "dose".containz'].endswith("unknown key; did you mean contains?")
    assert found['question "dose".containz'].startswith("line 4:")
    assert "not a regular expression" in found['question "regex".regex']
    assert "it checks nothing" in found['question "nothing"']
    assert "not a JSON schema" in found['question "schema".schema']
    assert 'write api-key = "env:NAME"' in found['question "schema".headers']


@pytest.mark.parametrize("count", [0, 2, 11])
def test_three_to_ten_questions_make_an_exam(count: int) -> None:
    one = '[[question]]\nname = "q{}"\npath = "/"\ncontains = "x"\n'

    assert f"3 to 10 questions make an exam, not {count}" in "".join(
        mistakes("question = []" if not count else "".join(one.format(index) for index in range(count))).values()
    )


def test_two_questions_of_one_name_would_not_be_told_apart() -> None:
    assert 'two questions are called "dose"' in "".join(mistakes(THREE.replace('"shape"', '"dose"')).values())


def test_a_file_that_is_not_there_or_not_text_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There are no golden questions at"):
        load(tmp_path / "golden.toml")
    (tmp_path / "golden.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "golden.toml")
    with pytest.raises(ConfigError, match="not valid TOML"):
        parse("a = " + "[" * 5000)
