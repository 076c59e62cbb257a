"""The revert as it would be: made beforehand on what is deployed, so that nothing undeployed rides along."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from console.clock import Clock
from console.config.layer_settings import PromptSettings
from console.stores.pushing import may_push
from console.stores.repository import Commit, Repository
from console.stores.reverting import Conflict, reverted

PARENT = "parent-"


@dataclass(frozen=True, slots=True)
class Reverting:
    """A revert: `commit` on `base`, which is deployed, taking `commits` back, newest first; `subject` says of what.

    `refused` says why it cannot be made or pushed. `parents` are the ways of a merge, each with what it keeps.
    `outside` are paths that the commits changed besides the prompts, `other` those that would not be as they were at
    the goal, `push` git's reason against a push. `dirty` tells of uncommitted prompts in the operator's own tree.
    """

    base: str
    branch: str
    commits: tuple[Commit, ...] = ()
    commit: str = ""
    subject: str = ""
    refused: str = ""
    parents: tuple[tuple[str, str], ...] = ()
    parent: int | None = None
    outside: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    push: str = ""
    there: bool = False
    dirty: bool = False
    diff: str = ""

    @property
    def serves(self) -> str:
        """The newest commit that it takes back."""
        return self.commits[0].sha if self.commits else ""


class Reverts:
    """Makes reverts; the same one is made once, so that a plan shown twice is the same plan."""

    def __init__(self, repository: Repository, settings: PromptSettings, clock: Clock) -> None:
        self._repository, self._settings, self._clock = repository, settings, clock
        self._made: dict[tuple[str, tuple[str, ...], int | None], str] = {}
        self._one = asyncio.Lock()

    async def made(self, base: str, goal: str, way: str | None) -> Reverting:
        """The revert on `base` after which the prompts are as they were at `goal`. Raises Failure."""
        repository, paths = self._repository, self._settings.paths
        touching = await repository.touching([base], paths)
        commits = _between(touching, goal)
        branch = self._settings.push_branch.replace("{short}", commits[0].short if commits else base[:9])
        found = Reverting(base, branch, commits, dirty=await repository.dirty(paths))
        tip = await repository.tip()
        if not await repository.contains(tip, base):
            named = f"{self._settings.remote}/{self._settings.branch}"
            return replace(found, refused=f"diverged: the deployed commit {base[:9]} is not part of {named}")
        if not commits:
            return replace(found, refused=f"{goal[:9]} is not among what touched the prompts before {base[:9]}")
        return await self._chosen(found, goal, way)

    async def _chosen(self, found: Reverting, goal: str, way: str | None) -> Reverting:
        """A merge wants a parent chosen: what it is kept against."""
        merges = [one for one in found.commits if len(one.parents) > 1]
        if not merges:
            return await self._made_of(found, goal)
        merge = merges[0]
        ways = tuple(
            (f"{PARENT}{number}", f"{merge.short} is a merge: keep {parent[:9]}, its parent {number}")
            for number, parent in enumerate(merge.parents, 1)
        )
        found = replace(found, parents=ways)
        number = next((number for number, (name, _) in enumerate(ways, 1) if name == way), None)
        if number is None:
            names = " or ".join(name for name, _ in ways)
            return replace(found, refused=f"{merge.short} is a merge: choose which parent stays (way {names})")
        if len(merges) > 1:
            return replace(found, refused=f"{len(merges)} merges stand between: it wants a person")
        gone = await self._repository.between(merge.sha, merge.parents[number - 1])
        kept = tuple(one for one in found.commits if one == merge or one.sha not in gone)
        return await self._made_of(replace(found, commits=kept, parent=number), goal)

    async def _made_of(self, found: Reverting, goal: str) -> Reverting:
        try:
            commit = await self._commit(found)
        except Conflict as conflict:
            shown = ", ".join(conflict.paths[:4])
            return replace(found, refused=f"the revert conflicts in {shown}: it wants a person")
        repository, paths = self._repository, self._settings.paths
        if (await repository.parents_and_tree(commit))[1] == (await repository.parents_and_tree(found.base))[1]:
            return replace(found, refused="the revert changes nothing: it was taken back already")
        there = await repository.on_remote(found.branch)
        if there is not None:
            commit, refused = await self._standing(found, commit, there)
            if refused:
                return replace(found, refused=refused)
        push, outside, other, diff = await asyncio.gather(
            may_push(repository, commit, found.branch),
            self._outside(found),
            repository.differing(goal, commit, paths),
            repository.diff(found.base, commit, paths),
        )
        subject = found.commits[0].subject
        return replace(
            found,
            commit=commit,
            subject=subject,
            push=push,
            outside=outside,
            other=other,
            diff=diff,
            there=there is not None,
        )

    async def _commit(self, found: Reverting) -> str:
        """The commit itself; another one only where something it rests on is another."""
        names = tuple(one.sha for one in found.commits)
        rests_on = (found.base, names, found.parent)
        async with self._one:
            if rests_on not in self._made:
                message = _message(found)
                now = self._clock.now()
                self._made[rests_on] = await reverted(self._repository, found.base, names, found.parent, message, now)
        return self._made[rests_on]

    async def _standing(self, found: Reverting, commit: str, there: str) -> tuple[str, str]:
        """The branch exists: either it holds this very revert, made before, or it is somebody else's."""
        repository = self._repository
        if await repository.resolve(there) is not None:
            own, theirs = await asyncio.gather(
                repository.parents_and_tree(commit), repository.parents_and_tree(there)
            )
            if own == theirs:
                return there, ""
        return "", f"{found.branch} exists already on {self._settings.remote}, at another commit ({there[:9]})"

    async def _outside(self, found: Reverting) -> tuple[str, ...]:
        """Paths that the commits changed and that are no prompts."""
        paths: list[str] = []
        for one in found.commits:
            parent = found.parent or 1 if len(one.parents) > 1 else 1
            everything = await self._repository.changed_paths(one.sha, (), parent)
            prompts = set(await self._repository.changed_paths(one.sha, self._settings.paths, parent))
            paths += [path for path in everything if path not in prompts]
        return tuple(dict.fromkeys(paths))


def _between(touching: Sequence[Commit], goal: str) -> tuple[Commit, ...]:
    """What must be taken back, newest first, so that the prompts are as they were at `goal`."""
    names = [commit.sha for commit in touching]
    return tuple(touching[: names.index(goal)]) if goal in names else ()


def _message(found: Reverting) -> str:
    subject = ", ".join(one.short for one in found.commits[:4])
    more = f" and {len(found.commits) - 4} more" if len(found.commits) > 4 else ""
    body = "\n".join(f"This reverts commit {one.sha}." for one in found.commits)
    return f"Revert the prompts of {subject}{more}\n\n{body}\n"
