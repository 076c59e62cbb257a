"""The door to prompts in a database: read for everybody, written by the runner alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from console.clock import Clock
from console.config.layer_settings import PromptSettings
from console.domain.clean import clean_block
from console.domain.code import CodeState
from console.domain.failure import Failure, FailureKind
from console.domain.intent import Intent
from console.domain.prompt import Prompt, PromptState
from console.domain.snapshot import Snapshot
from console.layers.layer import Tools
from console.layers.prompt import goals, since
from console.stores.blockers import Blocker, holders
from console.stores.calls import CallLog, Calls, Which
from console.stores.entra import token_of
from console.stores.prompts import PLACE, Access, PromptReader, PromptWriter, digest_of
from console.stores.store import Store

PACE_S = 5.0
CALLS_S = 15.0
PATIENCE = 60.0
REMEMBERED = timedelta(days=30)
MOST_AGAIN = 20
LONGEST = 200_000
_UNASKED: tuple[object, int] = (None, 0)


@dataclass(frozen=True, slots=True)
class Text:
    """One version's text: cleaned, to be shown; `digest` is of the text itself. `whole` unless it is too long."""

    version: str
    text: str
    digest: str
    length: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at for one prompt: both texts, what this login may do, and who holds the table; or why not.

    `asked` tells that the goal's text was read: `after` is None then only where that version does not exist.
    """

    after: Text | None = None
    before: Text | None = None
    asked: bool = True
    access: Access = Access()
    holders: tuple[Blocker, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What was looked at for every prompt that a plan may concern: texts by item and version."""

    texts: Mapping[tuple[str, str], Text | None]
    access: Access = Access()
    holders: tuple[Blocker, ...] = ()
    unread: tuple[str, ...] = ()

    def of(self, prompt: Prompt, goal: str) -> Looked:
        """What of it concerns one prompt on its way to `goal`."""
        before = self.texts.get((prompt.item, prompt.serves or ""))
        asked = (prompt.item, goal) in self.texts
        after = self.texts.get((prompt.item, goal))
        return Looked(after, before, asked, self.access, self.holders, self.unread)


class PromptDoor:
    """`writer` is None in the console's own process and where the target is only read."""

    every_s = PACE_S

    def __init__(
        self, settings: PromptSettings, store: Store, clock: Clock, calls: CallLog | None, writing: bool = False
    ) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._calls: tuple[Calls, ...] = ()
        self._called: datetime | None = None
        self._pace_s = CALLS_S
        self._unread = ""
        self._counts: dict[str, tuple[object, int]] = {}
        self.calls = calls
        self.reader = PromptReader(settings, store)
        self.writer = PromptWriter(settings, store) if writing else None

    async def observe(self, code: CodeState | None) -> PromptState:
        """Every prompt, and what the call log tells of each. Raises Failure."""
        state, calls = await asyncio.gather(self.read(), self._called_lately())
        window = (self._called or self._clock.now()) - REMEMBERED
        prompts = since.told(state.prompts, calls, window)
        counted = await self._again(since.again(prompts, calls, window))
        prompts = tuple(replace(one, calls=counted.get(one.item, one.calls)) for one in prompts)
        return replace(state, prompts=prompts, unread=self._unread)

    async def read(self) -> PromptState:
        """Every prompt, by the tables alone. Raises Failure."""
        found = await self.reader.read()
        return PromptState(
            self._settings.mode,
            self._place,
            found.prompts,
            self._settings.cache_ttl_s,
            dialect=found.dialect,
            stamps=found.stamps,
            flags=found.words,
        )

    async def look(self, snapshot: Snapshot, intent: Intent) -> Seen | None:
        """The texts that a plan may turn to or from, whether this login may write, and who holds the table now.

        Raises Failure.
        """
        if snapshot.prompt.state is None:
            return None
        wanted, unread = goals.concerned(snapshot, intent), list[str]()
        read, access, held = await asyncio.gather(self._texts(wanted), self._access(unread), self._holders(unread))
        return Seen(read, access or Access(), held, tuple(unread))

    async def text(self, item: str, version: str) -> str:
        """One version's text, cleaned. Raises Failure."""
        state = await self.read()
        prompt = state.find(item)
        found = await self._text(prompt, version) if prompt is not None else None
        if found is None:
            raise Failure(FailureKind.NOT_FOUND, f"{PLACE}: there is no version {version} of {item}")
        return found.text

    async def digest(self, prompt: Prompt, version: str) -> str | None:
        """Identity of one version's text as it is now; None where there is no such version. Raises Failure."""
        text = await self.reader.content(prompt.name, prompt.scope, version)
        return digest_of(text) if text is not None else None

    def writing(self) -> PromptWriter:
        """What writes. Raises Failure where this process may not."""
        if self.writer is None:
            raise Failure(FailureKind.NOT_ALLOWED, "this process may only read the prompts; nothing was sent")
        return self.writer

    async def close(self) -> None:
        await self._store.close()
        if self.calls is not None:
            await self.calls.close()

    @property
    def _place(self) -> str:
        pointed = f" by {self._settings.pointer.table}" if self._settings.mode == "pointer" else ""
        return "prompt.sql" if self._settings.mode == "sql" else f"{self._settings.table}{pointed}"

    async def _texts(self, wanted: Sequence[tuple[Prompt, str]]) -> dict[tuple[str, str], Text | None]:
        found = await asyncio.gather(*(self._text(prompt, version) for prompt, version in wanted))
        return {(prompt.item, version): text for (prompt, version), text in zip(wanted, found, strict=True)}

    async def _text(self, prompt: Prompt, version: str) -> Text | None:
        raw = await self.reader.content(prompt.name, prompt.scope, _exact(prompt, version))
        if raw is None:
            return None
        return Text(version, clean_block(raw, LONGEST), digest_of(raw), len(raw), len(raw) <= LONGEST)

    async def _access(self, unread: list[str]) -> Access | None:
        try:
            return await self.reader.access()
        except Failure as failure:
            unread.append(f"whether you may write: {failure.sentence}")
            return None

    async def _holders(self, unread: list[str]) -> tuple[Blocker, ...]:
        """Sessions that hold the table with their transaction open and idle: the flip would wait for them."""
        tables = (self._settings.pointer.table if self._settings.mode == "pointer" else self._settings.table,)
        with contextlib.suppress(Failure):
            found = await self._store.read(lambda connection: holders(connection, tables))
            return tuple(one for one in found if one.state.startswith("idle in transaction"))
        return ()

    async def _called_lately(self) -> tuple[Calls, ...]:
        """The call log's counts, read at their own pace: the slower it answers, the rarer it is asked."""
        now = self._clock.now()
        due = self._called is None or (now - self._called).total_seconds() >= self._pace_s
        if self.calls is None or not due:
            return self._calls
        self._called, started = now, monotonic()
        try:
            self._calls = await self.calls.counted(Which(since=now - REMEMBERED))
            self._unread = ""
        except Failure as failure:
            self._unread = failure.sentence
        self._pace_s = max(CALLS_S, PATIENCE * (monotonic() - started))
        return self._calls

    async def _again(self, prompts: Sequence[Prompt]) -> dict[str, int]:
        """Calls of a version since it serves again; asked as rarely as the log as a whole."""
        for prompt in prompts[:MOST_AGAIN] if self.calls is not None else ():
            assert self.calls is not None
            which, (asked, _) = (
                Which(prompt.name, prompt.serves, prompt.since),
                self._counts.get(prompt.item, _UNASKED),
            )
            if asked == (which, self._called):
                continue
            with contextlib.suppress(Failure):
                count = sum(one.count for one in await self.calls.counted(which))
                self._counts[prompt.item] = ((which, self._called), count)
        wanted = {prompt.item for prompt in prompts}
        return {item: count for item, (_, count) in self._counts.items() if item in wanted}


def opened(tools: Tools, settings: PromptSettings) -> PromptDoor:
    """The door for a target: nothing is opened yet."""
    home, environment = tools.settings.home, tools.environment
    store = Store(settings, environment, home, PLACE, token_of(tools.credential) if settings.entra else None)
    logged = tools.settings.calls
    calls = None
    if logged is not None:
        calls = CallLog(logged, environment, home, token_of(tools.credential) if logged.entra else None)
    return PromptDoor(settings, store, tools.clock, calls, tools.writing)


def _exact(prompt: Prompt, version: str) -> str:
    known = prompt.find(version)
    return known.version if known is not None else version
