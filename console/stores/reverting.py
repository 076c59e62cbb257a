"""Makes the commit that takes others back, in a worktree of its own that is gone afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.stores.git_command import Said
from console.stores.repository import Repository

CHECKOUT_S = 60.0
PREFIX = "rollback-revert-"
_OURS = re.compile(rf"/{PREFIX}(\d+)-[^/]+/tree")


class Conflict(Exception):
    """A revert that does not apply; `paths` are what it stumbled over."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(", ".join(paths))
        self.paths = tuple(paths)


async def reverted(
    repository: Repository, base: str, commits: Sequence[str], parent: int | None, message: str, at: datetime
) -> str:
    """A commit on `base` that takes `commits` back, newest first. No branch holds it; nothing is pushed.

    `parent` is the one that stays where a merge is taken back. It is made to its end even where nobody waits for it,
    since git that is ended half-way leaves a worktree behind. Raises Conflict where it does not apply, else Failure.
    """
    return await asyncio.shield(asyncio.ensure_future(_made(repository, base, commits, parent, message, at)))


async def _made(
    repository: Repository, base: str, commits: Sequence[str], parent: int | None, message: str, at: datetime
) -> str:
    await prune(repository)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    tree = folder / "tree"
    try:
        _good(await repository.run("worktree", "add", "--detach", "--", str(tree), base, bound_s=CHECKOUT_S))
        for commit in commits:
            await _taken_back(repository, tree, commit, parent)
        written = _good(await repository.run("write-tree", folder=tree))
        who = await _who(repository)
        moment = at.isoformat(timespec="seconds")
        dated = who | dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), moment)
        return await repository.write_commit(written, base, message, dated)
    finally:
        await _gone(repository, folder)


async def prune(repository: Repository) -> None:
    """Removes the worktrees that a process of ours left behind when it was killed, and no other."""
    listed = (await repository.run("worktree", "list", "--porcelain")).text.splitlines()
    for line in listed:
        found = _OURS.search(line) if line.startswith("worktree ") else None
        if found is not None and not _alive(int(found.group(1))):
            await _gone(repository, Path(line.removeprefix("worktree ")).parent)
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        process = folder.name.removeprefix(PREFIX).partition("-")[0]
        if process.isdecimal() and not _alive(int(process)):
            await asyncio.to_thread(shutil.rmtree, folder, True)


async def _taken_back(repository: Repository, tree: Path, commit: str, parent: int | None) -> None:
    merge = len((await repository.parents_and_tree(commit))[0]) > 1
    mainline = ("--mainline", str(parent)) if parent is not None and merge else ()
    said = await repository.run("revert", "--no-commit", *mainline, commit, folder=tree)
    if said.code == 0:
        return
    unmerged = await repository.run("diff", "--name-only", "--diff-filter=U", "-z", folder=tree)
    names = [clean(name, 200) for name in unmerged.text.split("\0") if name]
    if not names:
        raise Failure(FailureKind.REJECTED, f"git revert {commit[:9]}: {said.why}")
    raise Conflict(names)


async def _gone(repository: Repository, folder: Path) -> None:
    """Takes a worktree of ours away, whatever state it is in."""
    with contextlib.suppress(Failure):
        await repository.run("worktree", "remove", "--force", "--force", "--", str(folder / "tree"))
    await asyncio.to_thread(shutil.rmtree, folder, True)


async def _who(repository: Repository) -> dict[str, str]:
    """Who commits: as git is configured here, else this console."""
    found: dict[str, str] = {}
    for part, otherwise in (("NAME", "rollback-console"), ("EMAIL", "rollback-console@localhost")):
        told = (
            os.environ.get(f"GIT_COMMITTER_{part}")
            or (await repository.run("config", f"user.{part.lower()}")).text.strip()
        )
        found |= dict.fromkeys((f"GIT_AUTHOR_{part}", f"GIT_COMMITTER_{part}"), told or otherwise)
    return found


def _alive(process: int) -> bool:
    """Whether that process runs, and is not this one."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OverflowError:
        return False
    except PermissionError:
        return True
    return True


def _good(said: Said) -> str:
    if said.code != 0:
        raise Failure(FailureKind.NOT_FOUND, f"git cannot make the revert: {said.why}")
    return said.text.strip()
