"""Judges the answer to a golden question. Checks that an answer could make run for ever have a process of their own.

Python's regular expressions hold the interpreter while they run, so that no thread could be timed beside them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from console.domain.clean import clean
from console.domain.golden import Check, Question
from console.domain.pointer import pointed

APART_S = 5.0
CPU_S = 10
TOO_LONG = f"its checks took longer than {APART_S:.0f} s"
UNJUDGED = "its checks could not be run"

_HAZARDS = ("regex", "schema")
_NAMES = ("id", "document", "document_id", "source", "name", "title", "path", "url")

Judged = tuple[Question, int, bytes]


def judge(question: Question, status: int, body: bytes) -> str | None:
    """Why the answer does not pass, or None where it does. It may run long only for what is `hazardous`."""
    if not 200 <= status < 300:
        return f"answered {status}"
    answer = _Answer(body)
    for check in question.checks:
        try:
            reason = _CHECKS[check.kind](answer, check)
        except LookupError:
            reason = f"nothing at {check.at}"
        except ValueError:
            reason = "the answer is not JSON"
        except RecursionError:
            reason = "the answer is nested too deeply"
        if reason:
            return clean(reason, 200)
    return None


def hazardous(question: Question) -> bool:
    """Whether it has checks that an answer could make run for ever."""
    return any(check.kind in _HAZARDS for check in question.checks)


def judge_apart(judged: Sequence[Judged]) -> list[str | None]:
    """The verdicts of `judge`, in order, from a process that is ended when it takes too long. Blocks: for threads.

    The answer that takes too long is named, and the rest is tried once more without it.
    """
    verdicts: list[str | None] = []
    for _ in range(2):
        verdicts += _in_a_process(judged[len(verdicts) :])
        if len(verdicts) < len(judged):
            verdicts.append(TOO_LONG)
    return [*verdicts, *[UNJUDGED] * (len(judged) - len(verdicts))][: len(judged)]


def _in_a_process(judged: Sequence[Judged]) -> list[str | None]:
    """As many verdicts as were reached in time."""
    if not judged:
        return []
    asked = "\n".join(json.dumps([asdict(one), status, body.decode("latin-1")]) for one, status, body in judged)
    command = [sys.executable, "-m", "console.signals.judge"]
    try:
        told = subprocess.run(
            command,
            input=asked.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=APART_S,
            check=False,
            cwd="/",
        ).stdout
    except subprocess.TimeoutExpired as late:
        told = late.stdout or b""
    lines = told.decode(errors="replace").splitlines()
    verdicts: list[str | None] = [json.loads(line) for line in lines if line.endswith(('"', "null"))]
    return verdicts[: len(judged)]


class _Answer:
    """A body as text and as JSON, each made once."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._document: Any = None
        self._parsed = False

    def text(self, at: str) -> str:
        """The whole text, or what stands at a pointer: a string as it is, anything else as JSON."""
        if not at:
            return self._body.decode(errors="replace")
        value = self.value(at)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def value(self, at: str) -> Any:
        """Raises LookupError where nothing stands there, and ValueError where the body is not JSON."""
        if not self._parsed:
            self._document = json.loads(self._body)
            self._parsed = True
        return pointed(self._document, at)


def _contains(answer: _Answer, check: Check) -> str:
    found = str(check.wanted).casefold() in answer.text(check.at).casefold()
    return "" if found else f"does not contain “{check.wanted}”"


def _lacks(answer: _Answer, check: Check) -> str:
    found = str(check.wanted).casefold() in answer.text(check.at).casefold()
    return f"contains “{check.wanted}”" if found else ""


def _matches(answer: _Answer, check: Check) -> str:
    return "" if re.search(check.wanted, answer.text(check.at)) else f"does not match {check.wanted}"


def _fits(answer: _Answer, check: Check) -> str:
    """Whether the answer fits the schema. A $ref to elsewhere is not fetched, and fails."""
    import jsonschema
    import referencing
    import referencing.exceptions

    validator = jsonschema.Draft202012Validator(check.wanted, registry=referencing.Registry())
    try:
        error = next(validator.iter_errors(answer.value(check.at)), None)
    except referencing.exceptions.Unresolvable as missing:
        return f"its schema refers to {missing.ref}, which is not fetched"
    return f"does not fit its schema: {error.json_path}: {error.message}" if error else ""


def _cites(answer: _Answer, check: Check) -> str:
    """Whether a document is among the sources: by its whole name, or by how it begins."""
    named = list(_named(answer.value(check.at)))
    if any(name.startswith(str(check.wanted)) for name in named):
        return ""
    others = f" (but {', '.join(named[:3])})" if named else " (there are none)"
    return f"{check.wanted} is not among its sources{others}"


def _named(value: Any) -> list[str]:
    """The names in a source, in a list of sources, or in a list of objects that name them."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [value[key] for key in _NAMES if isinstance(value.get(key), str)]
    return [name for one in value for name in _named(one)] if isinstance(value, list) else []


_CHECKS: Mapping[str, Callable[[_Answer, Check], str]] = {
    "contains": _contains,
    "lacks": _lacks,
    "regex": _matches,
    "schema": _fits,
    "document": _cites,
}


def _main() -> None:
    """Reads questions with their answers, a line each, and writes a line for each verdict."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    for line in sys.stdin:
        fields, status, body = json.loads(line)
        checks = tuple(Check(**check) for check in fields.pop("checks"))
        verdict = judge(Question(**fields, checks=checks), status, body.encode("latin-1"))
        print(json.dumps(verdict), flush=True)


if __name__ == "__main__":
    _main()
