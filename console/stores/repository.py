"""A git repository of prompts, asked by git itself: read, reverted in a worktree of its own, pushed without force.

Nothing here touches the operator's working tree or index, and nothing asks for a password: what needs one fails.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from console.domain.clean import clean, clean_block
from console.domain.failure import Failure, FailureKind

LOCAL_S = 15.0
REMOTE_S = 30.0
MOST = 200
FIELDS = "%H%x1f%P%x1f%cI%x1f%an%x1f%s%x1e"
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. `parents` has several for a merge."""

    sha: str
    parents: tuple[str, ...]
    at: datetime
    by: str
    subject: str

    @property
    def short(self) -> str:
        return self.sha[:9]


class Conflict(Exception):
    """A revert that does not apply; `paths` are what it stumbled over."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(", ".join(paths))
        self.paths = tuple(paths)


class Repository:
    """The clone at `folder`, and its remote. Every method raises Failure."""

    def __init__(self, folder: Path, remote: str, branch: str) -> None:
        self.folder, self.remote, self.branch = folder, remote, branch

    async def fetch(self) -> None:
        """Brings the remote's branches up to date; the operator's own branches stay where they are."""
        await self._git("fetch", "--quiet", "--no-tags", self.remote, bound_s=REMOTE_S)

    async def tip(self) -> str:
        """The remote branch's newest commit, as last fetched."""
        return (
            await self._git("rev-parse", "--verify", f"refs/remotes/{self.remote}/{self.branch}^{{commit}}")
        ).strip()

    async def resolve(self, name: str) -> str | None:
        """The whole name of a commit; None where it does not exist here."""
        if not name or name.startswith("-"):
            return None
        code, out, _ = await self._run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return out.strip() if code == 0 else None

    async def touching(self, commit: str, paths: Sequence[str], most: int = MOST) -> tuple[Commit, ...]:
        """The commits up to `commit` that touched `paths`, newest first."""
        specs = [f":(glob){path}" for path in paths]
        text = await self._git("log", f"--max-count={most}", f"--format={FIELDS}", commit, "--", *specs)
        return tuple(_commit(part) for part in text.split("\x1e") if part.strip())

    async def text(self, commit: str, paths: Sequence[str]) -> str:
        """The files of `paths` at `commit`, each under its name."""
        specs = [f":(glob){path}" for path in paths]
        nothing = (await self._git("hash-object", "-t", "tree", "/dev/null")).strip()
        names = await self._git("diff-tree", "-r", "-z", "--name-only", nothing, commit, "--", *specs)
        wanted = [name for name in names.split("\0") if name][:MOST]
        texts = await asyncio.gather(*(self._git("show", f"{commit}:{name}") for name in wanted))
        parts = (f"--- {clean(name, 200)}\n{text}" for name, text in zip(wanted, texts, strict=True))
        return clean_block("\n".join(parts))

    async def changed_paths(self, commit: str, paths: Sequence[str] = ()) -> tuple[str, ...]:
        """Every path, or those of `paths`, that a commit changed against its first parent."""
        specs = [f":(glob){path}" for path in paths]
        out = await self._git(
            *(
                "diff-tree",
                "-r",
                "-z",
                "--root",
                "--no-commit-id",
                "--name-only",
                "-m",
                "--first-parent",
                commit,
                "--",
            ),
            *specs,
        )
        return tuple(dict.fromkeys(clean(name, 200) for name in out.split("\0") if name))

    async def contains(self, later: str, earlier: str) -> bool:
        """Whether `earlier` is `later` or stands before it."""
        code, _, _ = await self._run("merge-base", "--is-ancestor", earlier, later)
        return code == 0

    async def dirty(self, paths: Sequence[str]) -> bool:
        """Whether the operator's own tree has changes of `paths` that are not committed."""
        specs = [f":(glob){path}" for path in paths]
        return bool((await self._git("status", "--porcelain", "--", *specs)).strip())

    async def reverted(self, base: str, commits: Sequence[str], parent: int | None, message: str) -> str:
        """A commit on `base` that takes `commits` back, newest first; made in a worktree that is gone afterwards.

        The same arguments give the same commit. Raises Conflict where it does not apply.
        """
        folder = Path(tempfile.mkdtemp(prefix="rollback-revert-"))
        tree = folder / "tree"
        try:
            await self._git("worktree", "add", "--quiet", "--detach", str(tree), base)
            mainline = ["-m", str(parent)] if parent is not None else []
            code, _, err = await self._run("revert", "--no-commit", *mainline, *commits, folder=tree)
            if code != 0:
                out = await self._git("diff", "--name-only", "--diff-filter=U", "-z", folder=tree)
                names = [clean(name, 200) for name in out.split("\0") if name]
                raise Conflict(
                    names or [clean(err.strip().splitlines()[-1] if err.strip() else "git revert failed", 200)]
                )
            written = (await self._git("write-tree", folder=tree)).strip()
            at = (await self._git("show", "--no-patch", "--format=%cI", base)).strip()
            dated = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at, **await self._identity()}
            return (await self._git("commit-tree", written, "-p", base, "-m", message, extra=dated)).strip()
        finally:
            await self._run("worktree", "remove", "--force", str(tree))
            await asyncio.to_thread(shutil.rmtree, folder, True)
            await self._run("worktree", "prune")

    async def on_remote(self, branch: str) -> str | None:
        """What a branch of the remote points at now; None where there is none."""
        out = await self._git("ls-remote", "--heads", self.remote, f"refs/heads/{branch}", bound_s=REMOTE_S)
        return out.split()[0] if out.strip() else None

    async def may_push(self, commit: str, branch: str) -> str:
        """Empty where a push would be taken; else git's own reason."""
        spec = f"{commit}:refs/heads/{branch}"
        code, _, err = await self._run("push", "--dry-run", "--porcelain", self.remote, spec, bound_s=REMOTE_S)
        return "" if code == 0 else _last(err)

    async def push(self, commit: str, branch: str) -> None:
        """Pushes, never forced, once. Raises Failure: REJECTED where the remote said no, else UNKNOWN."""
        spec = f"{commit}:refs/heads/{branch}"
        code, out, err = await self._run("push", "--porcelain", self.remote, spec, bound_s=REMOTE_S)
        if code == 0:
            return
        refused = any(line.startswith("!") for line in out.splitlines())
        kind = FailureKind.REJECTED if refused else FailureKind.UNKNOWN
        raise Failure(kind, f"git push to {clean(self.remote, 60)} {clean(branch, 100)}: {_last(err)}")

    async def _identity(self) -> dict[str, str]:
        """Who commits: as git is configured here, or the operator's own name where it is not."""
        name = (await self._run("config", "user.name"))[1].strip() or "rollback-console"
        mail = (await self._run("config", "user.email"))[1].strip() or "rollback-console@localhost"
        return {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": mail,
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": mail,
        }

    async def _git(
        self,
        *arguments: str,
        folder: Path | None = None,
        bound_s: float = LOCAL_S,
        extra: Mapping[str, str] | None = None,
    ) -> str:
        code, out, err = await self._run(*arguments, folder=folder, bound_s=bound_s, extra=extra)
        if code != 0:
            remote = arguments[0] in ("fetch", "ls-remote", "push")
            kind = FailureKind.UNREACHABLE if remote else FailureKind.NOT_FOUND
            raise Failure(kind, f"git {arguments[0]} in {clean(self.folder.name, 80)}: {_last(err)}")
        return out

    async def _run(
        self,
        *arguments: str,
        folder: Path | None = None,
        bound_s: float = LOCAL_S,
        extra: Mapping[str, str] | None = None,
    ) -> tuple[int, str, str]:
        """Git's exit code and words; it is ended when its time is over."""
        environment = {**os.environ, **_QUIET, **(extra or {})}
        where = str(folder or self.folder)
        try:
            process = await asyncio.create_subprocess_exec(
                "git",
                "-c",
                "core.hooksPath=/dev/null",
                "-C",
                where,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise Failure(FailureKind.UNREACHABLE, f"git cannot be started: {clean(str(error), 120)}") from error
        try:
            async with asyncio.timeout(bound_s):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            return 124, "", f"no answer within {bound_s:.0f} s"
        return process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace")


def _commit(part: str) -> Commit:
    sha, parents, at, by, subject = (part.strip("\n").split("\x1f") + [""] * 5)[:5]
    when = datetime.fromisoformat(at).astimezone(UTC)
    return Commit(sha, tuple(parents.split()), when, clean(by, 80), clean(subject, 160))


def _last(text: str) -> str:
    """Git's last word that says something."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("hint:", "Done"))]
    return clean(lines[-1].strip() if lines else "it failed without a word", 200)
