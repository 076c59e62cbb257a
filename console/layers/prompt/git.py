"""Prompts in git: which commit is deployed, what touched them, and what a revert would be."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from console.config.layer_settings import PromptSettings
from console.domain.clean import clean
from console.domain.code import CodeState
from console.domain.failure import Failure
from console.domain.intent import Intent
from console.domain.prompt import Held, Prompt, PromptState, PromptVersion
from console.domain.snapshot import Snapshot
from console.layers.layer import Tools
from console.layers.planning import NothingToDo
from console.layers.prompt.git_goal import ITEM, goal_of
from console.layers.prompt.git_holding import by_revision
from console.layers.prompt.git_revert import Reverting, Reverts
from console.layers.prompt.git_state import named, placed
from console.stores.pushing import Pusher
from console.stores.repository import Commit, Repository

PACE_S = 10.0
FETCH_EVERY = timedelta(seconds=60)
FETCH_WAIT_S = 3.0
MANY = 40


class GitDoor:
    """The clone that the configuration names. `pusher` is None where nothing may be written."""

    every_s = PACE_S

    def __init__(self, tools: Tools, settings: PromptSettings) -> None:
        self._tools, self._settings = tools, settings
        folder = Path(tools.settings.home or ".") / Path(settings.repo or ".").expanduser()
        pattern = settings.push_branch.replace("{short}", "*")
        self.remote = Repository(folder, settings.remote, settings.branch, (pattern,))
        self.pusher = Pusher(self.remote) if tools.writing else None
        self._reverts = Reverts(self.remote, settings, tools.clock)
        self._held: dict[str, Held] = {}
        self._wanted: set[str] = set()
        self._missing: set[str] = set()
        self._fetched: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._one = asyncio.Lock()
        self._unread = ""

    async def observe(self, code: CodeState | None) -> PromptState:
        """The commits that touched the prompts, and what the revisions hold of them. Raises Failure."""
        state, _ = await asyncio.gather(self._code(code), self._freshened())
        names = dict.fromkeys(found for one in state.revisions[:MANY] if (found := named(one, self._variable)))
        serving = named(state.serving[0], self._variable) if state.serving else ""
        held = await self._all_held([*names, *([serving] if serving else [])], serving)
        base = held[serving].commit if serving in held else None
        tips = [await self.remote.tip(), *([base] if base else [])]
        touching = await self.remote.touching(tips, self._settings.paths)
        place = f"{', '.join(self._settings.paths)} in {self._settings.remote}/{self._settings.branch}"
        prompt = Prompt(ITEM, tuple(_version(commit) for commit in touching), ())
        observed = PromptState("git", place, (prompt,), unread=self._unread, variable=self._variable, held=held)
        return placed(observed, state)

    async def look(self, snapshot: Snapshot, intent: Intent) -> Reverting | None:
        """The revert of everything that touched the prompts after the wanted version; none where it is not needed.

        A remote that does not answer refuses the revert, and nothing else. Raises Failure.
        """
        state, code = snapshot.prompt.state, snapshot.code.state
        prompt = state.find(ITEM) if state is not None else None
        if state is None or prompt is None or code is None or not code.serving:
            return None
        try:
            goal = goal_of(snapshot, prompt, intent)
        except NothingToDo:
            return None
        if by_revision(snapshot, state, code, goal, intent.way):
            return None
        deployed = named(code.serving[0], self._variable)
        base = (await self._all_held([deployed], deployed))[deployed].commit
        if base is None:
            return None
        try:
            await self._fetch()
            return await self._reverts.made(base, goal, intent.way)
        except Failure as failure:
            return Reverting(base, "", refused=failure.sentence)

    async def text(self, item: str, version: str) -> str:
        """The prompts as they were at a commit. Raises Failure."""
        return await self.remote.text(version, self._settings.paths)

    async def close(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._fetching

    @property
    def _variable(self) -> str:
        return self._settings.commit or ""

    async def _code(self, code: CodeState | None) -> CodeState:
        return code if code is not None else await self._tools.code.code_state()

    async def _freshened(self) -> None:
        """Fetches at most once a minute, and goes on with what is known where that takes long."""
        now = self._tools.clock.now()
        if self._fetching is None and (self._fetched is None or now - self._fetched >= FETCH_EVERY):
            self._fetched = now
            self._fetching = asyncio.create_task(self._try_to_fetch())
        if self._fetching is not None:
            await asyncio.wait((self._fetching,), timeout=FETCH_WAIT_S)
            self._fetching = None if self._fetching.done() else self._fetching

    async def _try_to_fetch(self) -> None:
        try:
            await self._fetch()
        except Failure as failure:
            self._unread = f"{failure.sentence}; the commits are as last fetched"

    async def _fetch(self) -> None:
        async with self._one:
            await self.remote.fetch()
        self._unread = ""
        self._missing.clear()

    async def _all_held(self, names: Sequence[str], serving: str) -> dict[str, Held]:
        """What each of those commits holds; what was found once stays true, what was not waits for the next fetch."""
        unknown = [name for name in dict.fromkeys(names) if name not in self._held and name not in self._missing]
        known = await self.remote.known(unknown) if unknown else {}
        if serving in unknown and serving not in known:
            known |= await self._sought(serving)
        self._missing |= set(unknown) - set(known)
        for name, commit in known.items():
            own = await self.remote.touching([commit], self._settings.paths, 2)
            shas = [one.sha for one in own]
            self._held[name] = Held(commit, *shas)
        return {name: self._held.get(name, Held()) for name in names}

    async def _sought(self, name: str) -> dict[str, str]:
        """The deployed commit, asked for by its whole name once where no fetched branch holds it."""
        if name in self._wanted or len(name) < 40:
            return {}
        self._wanted.add(name)
        with contextlib.suppress(Failure):
            await self.remote.fetch_commit(name)
        return await self.remote.known([name])


def _version(commit: Commit) -> PromptVersion:
    note = f"merge: {commit.subject}" if len(commit.parents) > 1 else commit.subject
    return PromptVersion(commit.sha, commit.at, commit.by, clean(note, 160))
