"""What Azure lets us do with one app, found out by reading only."""

from __future__ import annotations

import shlex
from collections.abc import Coroutine
from typing import Any, TypeVar

from console.azure.arm import Answer, Arm
from console.azure.credentials import Identity
from console.azure.permissions import Permissions, permitted_actions
from console.azure.survey import APPS_VERSION, read_app
from console.clock import Clock
from console.config import TargetSettings
from console.domain.failure import Failure, FailureKind
from console.setup.check import Check, State
from console.setup.features import FEATURES, Feature, grant

SKEW_S = 30.0
_AWAY = (FailureKind.UNREACHABLE, FailureKind.SIGN_IN, FailureKind.THROTTLED)

T = TypeVar("T")


class AzureChecks:
    """Asks Azure, and judges what it said. Nothing is written."""

    def __init__(self, settings: TargetSettings, arm: Arm, clock: Clock, console: str = "rollback-console") -> None:
        self._settings, self._arm, self._clock, self._console = settings, arm, clock, console
        self._identity = Identity()
        self._permissions: Permissions | None = None
        self._failures: dict[str, Failure] = {}
        self._tried: set[str] = set()
        self._ahead_s: float | None = None
        self._mode = ""

    @property
    def reached(self) -> bool:
        """Whether Azure answered, and knew us."""
        return not any(failure.kind in _AWAY for failure in self._failures.values())

    async def ask(self) -> tuple[Check, ...]:
        """Every check, in the order in which a person wants to know."""
        identity = await self._try("sign-in", self._arm.identity())
        if identity is not None:
            self._identity = identity
            await self._read()
        return (self._sign_in(), *(self._feature(one) for one in FEATURES), self._time(), *self._revision_mode())

    async def _read(self) -> None:
        """Tries the reads that cost nothing."""
        resource = self._settings.resource_id
        answer = await self._try("read-app", self._app())
        if answer is not None:
            self._mode = read_app(answer.body).mode
        if self.reached:
            await self._try(
                "list-revisions", self._arm.listed(f"{resource}/revisions", APPS_VERSION, "the revisions")
            )
            self._permissions = await self._try("permissions", permitted_actions(self._arm, resource))

    async def _app(self) -> Answer:
        started = self._clock.now()
        named = f"container app {self._settings.code.container_app}"
        answer = await self._arm.get(self._settings.resource_id, APPS_VERSION, named)
        if answer.date is not None:
            middle = started + (self._clock.now() - started) / 2
            self._ahead_s = (middle - answer.date).total_seconds()
        return answer

    async def _try(self, name: str, call: Coroutine[Any, Any, T]) -> T | None:
        self._tried.add(name)
        try:
            return await call
        except Failure as failure:
            self._failures[name] = failure
            return None

    def _sign_in(self) -> Check:
        failure = self._failures.get("sign-in")
        if failure is None:
            return Check("sign-in", "sign in to Azure", State.PASS, f"as {self._identity.name}")
        return Check("sign-in", "sign in to Azure", State.FAIL, failure.sentence)

    def _feature(self, feature: Feature) -> Check:
        """What was tried counts more than what is listed."""
        failure = self._failures.get(feature.id)
        if failure is not None:
            return self._failed(feature, failure)
        if feature.id in self._tried:
            return Check(feature.id, feature.title, State.PASS, "done just now")
        if self._permissions is None:
            return Check(feature.id, feature.title, State.UNKNOWN, f"{feature.action}: our permissions are not known")
        if self._permissions.allows(feature.action):
            return Check(feature.id, feature.title, State.PASS, f"allowed ({feature.action}); not tried")
        return self._missing(feature)

    def _failed(self, feature: Feature, failure: Failure) -> Check:
        if failure.kind is FailureKind.NOT_ALLOWED:
            return self._missing(feature)
        state = State.WARN if feature.optional else State.FAIL
        return Check(feature.id, feature.title, state, failure.sentence, self._where(failure))

    def _where(self, failure: Failure) -> str:
        if failure.kind is not FailureKind.NOT_FOUND:
            return ""
        azure = self._settings.azure
        words = ("--resource-group", azure.resource_group, "--subscription", azure.subscription)
        return f"the apps there are: az containerapp list {shlex.join(words)} --output table"

    def _missing(self, feature: Feature) -> Check:
        """A permission that nobody gave: weak where it is not needed, or not while nothing is written."""
        idle = feature.writes and self._settings.read_only
        state = State.WARN if feature.optional or idle else State.FAIL
        told = [f"{feature.action} is missing"]
        told += [feature.loss] if feature.loss else []
        told += ["not needed while read_only = true"] if idle else []
        return Check(
            feature.id,
            feature.title,
            state,
            "; ".join(told),
            grant(feature, self._identity, self._settings.resource_id, self._console),
        )

    def _time(self) -> Check:
        title = "this machine's clock"
        if self._ahead_s is None:
            return Check("clock", title, State.UNKNOWN, "Azure told no time")
        told = f"{abs(self._ahead_s):.0f} s {'ahead of' if self._ahead_s > 0 else 'behind'} Azure's"
        if abs(self._ahead_s) <= SKEW_S:
            return Check("clock", title, State.PASS, told)
        return Check(
            "clock", title, State.WARN, f"{told}: ages and tokens are judged by it", "timedatectl set-ntp true"
        )

    def _revision_mode(self) -> tuple[Check, ...]:
        if not self._mode:
            return ()
        title = "revision mode"
        if self._mode.lower() != "single":
            return (Check("mode", title, State.PASS, self._mode),)
        azure, app = self._settings.azure, self._settings.code.container_app
        words = ("--name", app, "--resource-group", azure.resource_group, "--subscription", azure.subscription)
        told = "Single: a rollback is a new revision, a copy of the old one, which takes longer than moving traffic"
        fix = f"if you want it otherwise: az containerapp revision set-mode --mode multiple {shlex.join(words)}"
        return (Check("mode", title, State.WARN, told, fix),)
