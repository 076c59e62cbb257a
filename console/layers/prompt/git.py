"""Prompts in git: which commit is deployed, what touched them, and what a revert would be."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from console.config.layer_settings import PromptSettings
from console.domain.clean import clean
from console.domain.code import CodeState
from console.domain.failure import Failure
from console.domain.intent import Intent
from console.domain.prompt import Prompt, PromptState, PromptVersion
from console.domain.snapshot import Snapshot
from console.layers.layer import Tools
from console.stores.repository import Commit, Conflict, Repository

ITEM = "prompts"
PACE_S = 10.0
FETCH_EVERY = timedelta(seconds=60)
MANY = 40


@dataclass(frozen=True, slots=True)
class Reverting:
    """A revert as it would be: `commit` on `base`, which is deployed, taking `commits` back.

    It stands on what is deployed and not on the branch's tip, so that nothing else is deployed with it.
    `refused` says why it cannot be made.

    `outside` are paths that the commits changed besides the prompts. `push` is git's reason against a push, if any;
    `dirty` tells that the operator's own tree has uncommitted changes of the prompts, which nothing here touches.
    """

    base: str
    branch: str
    commits: tuple[str, ...]
    commit: str = ""
    refused: str = ""
    outside: tuple[str, ...] = ()
    push: str = ""
    dirty: bool = False
    before: str = ""
    after: str = ""


class GitDoor:
    """The clone that the configuration names. `pusher` is None where nothing may be written."""

    every_s = PACE_S

    def __init__(self, tools: Tools, settings: PromptSettings) -> None:
        self._tools, self._settings = tools, settings
        folder = Path(tools.settings.home or ".") / Path(settings.repo or ".").expanduser()
        self.remote = Repository(folder, settings.remote, settings.branch)
        self.pusher = self.remote if tools.writing else None
        self._fetched: datetime | None = None
        self._unread = ""

    async def observe(self, code: CodeState | None) -> PromptState:
        """The commits that touched the prompts, and which of them each revision holds. Raises Failure."""
        await self._fetch()
        state = code or await self._tools.code.code_state()
        tip = await self.remote.tip()
        touching = await self.remote.touching(tip, self._settings.paths)
        held = await self._held(state, touching)
        serving = state.serving[0].name if state.serving else ""
        deployed = dict(state.serving[0].env).get(self._settings.commit or "", "") if state.serving else ""
        active = held.get(serving)
        versions = tuple(_version(commit) for commit in touching)
        since = state.serving[0].created if state.serving else None
        prompt = Prompt(ITEM, versions, (active,) if active else (), since=since, was=_was(active, touching))
        return PromptState(
            "git",
            f"{', '.join(self._settings.paths)} in {self._settings.remote}/{self._settings.branch}",
            (prompt,),
            unread=self._doubt(deployed, active),
            deployed=clean(deployed, 60),
            extra=held,
        )

    async def look(self, snapshot: Snapshot, intent: Intent) -> Reverting | None:
        """The revert of everything that touched the prompts after the wanted version. Raises Failure."""
        state = snapshot.prompt.state
        prompt = state.find(ITEM) if state is not None else None
        if prompt is None or prompt.serves is None:
            return None
        await self._fetch(at_once=True)
        tip, base = await self.remote.tip(), await self.remote.resolve(state.deployed if state else "")
        if base is None:
            return None
        touching = await self.remote.touching(base, self._settings.paths)
        commits = _between(touching, prompt.serves, intent.to or prompt.was or "")
        if not commits:
            return None
        if not await self.remote.contains(tip, base):
            why = f"the deployed commit {base[:9]} is not part of {self.remote.remote}/{self.remote.branch}"
            return Reverting(base, "", tuple(commit.sha for commit in commits), refused=f"diverged: {why}")
        return await self._reverting(base, commits, intent)

    async def text(self, item: str, version: str) -> str:
        """The prompts as they were at a commit. Raises Failure."""
        return await self.remote.text(version, self._settings.paths)

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _reverting(self, base: str, commits: Sequence[Commit], intent: Intent) -> Reverting:
        names = tuple(commit.sha for commit in commits)
        branch = self._settings.push_branch.replace("{short}", commits[0].short)
        found = Reverting(base, branch, names, dirty=await self.remote.dirty(self._settings.paths))
        merges = [commit.short for commit in commits if len(commit.parents) > 1]
        parent = {"parent-1": 1, "parent-2": 2}.get(intent.way or "")
        if merges and parent is None:
            return replace(
                found, refused=f"{merges[0]} is a merge: choose which parent stays (way parent-1 or parent-2)"
            )
        subject = ", ".join(commit.short for commit in commits)
        message = f"Revert the prompts of {subject}\n\nThis reverts {', '.join(names)}."
        try:
            commit = await self.remote.reverted(base, names, parent, message)
        except Conflict as conflict:
            return replace(
                found, refused=f"the revert conflicts in {', '.join(conflict.paths[:4])}: it wants a person"
            )
        push, outside, before, after = await asyncio.gather(
            self.remote.may_push(commit, branch),
            self._outside(names),
            self.remote.text(base, self._settings.paths),
            self.remote.text(commit, self._settings.paths),
        )
        return replace(found, commit=commit, push=push, outside=outside, before=before, after=after)

    async def _outside(self, commits: Sequence[str]) -> tuple[str, ...]:
        """Paths that the commits changed and that are no prompts."""
        found: list[str] = []
        for commit in commits:
            everything = await self.remote.changed_paths(commit)
            prompts = set(await self.remote.changed_paths(commit, self._settings.paths))
            found += [path for path in everything if path not in prompts]
        return tuple(dict.fromkeys(found))

    async def _fetch(self, at_once: bool = False) -> None:
        """At most once a minute; a remote that does not answer leaves what is known, and that is said."""
        now = self._tools.clock.now()
        if not at_once and self._fetched is not None and now - self._fetched < FETCH_EVERY:
            return
        self._fetched = now
        try:
            await self.remote.fetch()
            self._unread = ""
        except Failure as failure:
            if at_once:
                raise
            self._unread = f"{failure.sentence}: as last fetched"

    async def _held(self, state: CodeState, touching: Sequence[Commit]) -> dict[str, str]:
        """By revision, the newest commit that touched the prompts and that the revision holds."""
        commits = {one.name: dict(one.env).get(self._settings.commit or "", "") for one in state.revisions[:MANY]}
        known = {said: await self._newest(said, touching) for said in dict.fromkeys(commits.values()) if said}
        return {name: found for name, said in commits.items() if (found := known.get(said))}

    async def _newest(self, said: str, touching: Sequence[Commit]) -> str | None:
        commit = await self.remote.resolve(said)
        if commit is None:
            return None
        own = await self.remote.touching(commit, self._settings.paths, 1)
        return own[0].sha if own else None

    def _doubt(self, deployed: str, active: str | None) -> str:
        if not deployed:
            return (
                f"the revision that serves has no env {self._settings.commit}: which commit is deployed is not known"
            )
        if active is None:
            return f"the deployed commit {clean(deployed, 40)} is not in this clone"
        return self._unread


def _version(commit: Commit) -> PromptVersion:
    return PromptVersion(commit.sha, commit.at, commit.by, commit.subject)


def _was(active: str | None, touching: Sequence[Commit]) -> str | None:
    """The commit that touched the prompts before the active one."""
    names = [commit.sha for commit in touching]
    if active not in names:
        return None
    older = names[names.index(active) + 1 :]
    return older[0] if older else None


def _between(touching: Sequence[Commit], serves: str, goal: str) -> tuple[Commit, ...]:
    """What must be taken back, newest first, so that the prompts are as they were at `goal`."""
    names = [commit.sha for commit in touching]
    place = next((index for index, name in enumerate(names) if goal and name.startswith(goal)), None)
    if place is None or serves not in names or names.index(serves) >= place:
        return ()
    return tuple(touching[names.index(serves) : place])
