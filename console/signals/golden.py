"""Puts the golden questions to the service, or to one revision by its own address."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from console.clock import Clock
from console.config import golden_file, headers
from console.config.load import ConfigError
from console.config.settings import TargetSettings
from console.domain.clean import clean
from console.domain.code import CodeState, Revision
from console.domain.failure import Failure, FailureKind
from console.domain.golden import GoldenResult, Question
from console.signals.addresses import of_app, of_revision
from console.signals.asking import UNSENT, Answer, Asked, ask, why
from console.signals.judge import Judged, hazardous, judge, judge_apart

TOGETHER = 4
# To these we are the wrong one to ask, which says nothing about the answers.
_NOT_US = {401: "we may not ask it (401)", 403: "we may not ask it (403)", 407: "a proxy wants a sign-in (407)"}


@dataclass(frozen=True, slots=True)
class _Silent:
    """No answer that can be judged, and why."""

    reason: str


class Examiner:
    """Holds the exam of one target: a few questions side by side, the whole of it bounded by `golden.within_s`."""

    def __init__(
        self,
        settings: TargetSettings,
        http: httpx.AsyncClient,
        clock: Clock,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._settings, self._http, self._clock = settings, http, clock
        self._environment = os.environ if environment is None else environment

    @property
    def configured(self) -> bool:
        return self._settings.golden is not None

    @property
    def file(self) -> Path:
        """Where the questions stand: beside the configuration."""
        named = self._settings.golden.questions if self._settings.golden else "golden.toml"
        return Path(self._settings.home or ".") / Path(named).expanduser()

    async def questions(self) -> tuple[Question, ...]:
        """The questions as they stand in the file now. Raises Failure with every mistake in it."""
        try:
            return await asyncio.to_thread(golden_file.load, self.file)
        except ConfigError as error:
            raise Failure(FailureKind.REJECTED, error.sentence) from error

    async def examine(self, state: CodeState | None, revision: Revision | None = None) -> GoldenResult | None:
        """How the service, or `revision` by its own address, does now; None where there are no golden questions.

        `state` tells the app's address. Raises Failure where the file of questions cannot be used.
        """
        if self._settings.golden is None:
            return None
        questions = await self.questions()
        started = self._clock.now()
        probe = self._settings.probe
        base = of_revision(probe, revision) if revision is not None else of_app(probe, state)
        answers = await self._answers(base, questions, self._settings.golden.within_s)
        verdicts = await _judged(questions, answers)
        whom = revision.name if revision is not None else ""
        failures = tuple((one.name, reason) for one, reason in zip(questions, verdicts, strict=True) if reason)
        silent = [answer.reason for answer in answers if isinstance(answer, _Silent)]
        asked = len(questions) - len(silent)
        silence = silent[0] if silent else ""
        return GoldenResult(asked - len(failures), asked, started, whom, failures, len(silent), silence)

    async def compare(
        self, state: CodeState | None, revisions: Iterable[Revision | None]
    ) -> Mapping[str, GoldenResult]:
        """Several side by side, each by its own address: the results by full name, the service's own under ""."""
        results = await asyncio.gather(*(self.examine(state, revision) for revision in revisions))
        return {result.whom: result for result in results if result is not None}

    async def _answers(self, base: str, questions: Sequence[Question], within_s: float) -> list[Answer | _Silent]:
        """Each question's answer, in order; what has not come when the time is over is silence."""
        if not base:
            return [_Silent("it has no address that can be asked from here")] * len(questions)
        turns = asyncio.Semaphore(TOGETHER)
        tasks = [asyncio.create_task(self._answer(base, question, turns)) for question in questions]
        try:
            await asyncio.wait(tasks, timeout=within_s)
            return [task.result() if task.done() else _Silent("no answer in time") for task in tasks]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, base: str, question: Question, turns: asyncio.Semaphore) -> Answer | _Silent:
        try:
            resolved = headers.resolved(question.headers, self._environment)
        except KeyError as missing:
            return _Silent(f"the environment variable {clean(str(missing.args[0]), 100)} is not set")
        asked = Asked(base.rstrip("/") + question.path, question.method, question.body, resolved)
        async with turns:
            try:
                async with asyncio.timeout(question.timeout_s):
                    answer = await ask(self._http, asked)
            except UNSENT as error:
                return _Silent(why(error))
        return _Silent(_NOT_US[answer.status]) if answer.status in _NOT_US else answer


async def _judged(questions: Sequence[Question], answers: Sequence[Answer | _Silent]) -> list[str | None]:
    """A reason for each answer that does not pass, in order."""
    verdicts: list[str | None] = [None] * len(questions)
    apart: list[int] = []
    told: list[Judged] = []
    for index, (question, answer) in enumerate(zip(questions, answers, strict=True)):
        if isinstance(answer, _Silent):
            continue
        if not answer.whole:
            verdicts[index] = "its answer is too large, or compressed though not asked for"
        elif hazardous(question):
            apart.append(index)
            told.append((question, answer.status, answer.body))
        else:
            verdicts[index] = await asyncio.to_thread(judge, question, answer.status, answer.body)
    for index, verdict in zip(apart, await asyncio.to_thread(judge_apart, told), strict=True):
        verdicts[index] = verdict
    return verdicts
