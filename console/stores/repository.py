"""A git repository of prompts, asked by git itself.

Nothing here touches the operator's working tree, index, branches or remote-tracking branches: what is fetched stands
below refs/rollback-console/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from console.domain.clean import clean, clean_block
from console.domain.failure import Failure, FailureKind
from console.stores.git_command import LOCAL_S, REMOTE_S, Said, git

MOST = 200
MOST_BYTES = 200_000
MOST_DIFF = 200_000
OWN = "refs/rollback-console"
FIELDS = "%H%x1f%P%x1f%cI%x1f%an%x1f%s%x1e"
_HEX = re.compile(r"[0-9a-f]{7,64}")
_WHOLE = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. `parents` has several for a merge. `subject` and `by` are cleaned."""

    sha: str
    parents: tuple[str, ...]
    at: datetime
    by: str
    subject: str

    @property
    def short(self) -> str:
        return self.sha[:9]


class Repository:
    """The clone at `folder`, and the remote as it names it. Every method raises Failure."""

    def __init__(self, folder: Path, remote: str, branch: str, further: Sequence[str] = ()) -> None:
        """`further` are patterns of branches that are fetched beside `branch`."""
        self.folder, self.remote, self.branch, self._further = folder, remote, branch, tuple(further)

    async def fetch(self) -> None:
        """Brings what the remote's branches hold here, below refs of our own."""
        wanted = dict.fromkeys((self.branch, *self._further))
        specs = (f"+refs/heads/{one}:{OWN}/{self.remote}/{one}" for one in wanted)
        await self._fetched(*specs)

    async def fetch_commit(self, commit: str) -> None:
        """One commit by its whole name, where no branch that is fetched holds it."""
        await self._fetched(f"+{commit}:{OWN}/commits/{commit}")

    async def tip(self) -> str:
        """The remote branch's newest commit, as last fetched by us or else by the operator."""
        for name in (f"{OWN}/{self.remote}/{self.branch}", f"refs/remotes/{self.remote}/{self.branch}"):
            said = await self._run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
            if said.code == 0:
                return said.text.strip()
        raise Failure(
            FailureKind.NOT_FOUND, f"{self._name}: {clean(f'{self.remote}/{self.branch}', 120)} is not known"
        )

    async def resolve(self, name: str) -> str | None:
        """The whole name of a commit from its first digits; None where none has them, or several have."""
        wanted = name.strip().lower()
        if not _HEX.fullmatch(wanted):
            return None
        listed = (await self._run("rev-parse", f"--disambiguate={wanted}")).text.split()
        fed = "\n".join(listed[:MOST]).encode() + b"\n"
        kinds = (await self._run("cat-file", "--batch-check", fed=fed)).text.splitlines() if listed else []
        commits = [line.split()[0] for line in kinds if line.split()[1:2] == ["commit"]]
        return commits[0] if len(commits) == 1 else None

    async def known(self, names: Sequence[str]) -> dict[str, str]:
        """The whole names of those of `names` that are commits here."""
        whole = {name: name.strip().lower() for name in names if _WHOLE.fullmatch(name.strip().lower())}
        fed = "".join(f"{one}\n" for one in whole.values()).encode()
        told = (await self._git("cat-file", "--batch-check", fed=fed)).splitlines() if whole else []
        there = {line.split()[0] for line in told if line.split()[1:2] == ["commit"]}
        found = {name: one for name, one in whole.items() if one in there}
        for name in dict.fromkeys(names):
            resolved = None if name in whole else await self.resolve(name)
            if resolved is not None:
                found[name] = resolved
        return found

    async def shallow(self) -> bool:
        """Whether this clone knows only the newest part of the history."""
        return (await self._git("rev-parse", "--is-shallow-repository")).strip() == "true"

    async def touching(self, commits: Sequence[str], paths: Sequence[str], most: int = MOST) -> tuple[Commit, ...]:
        """The commits up to any of `commits` that touched `paths`, newest first."""
        order = ("--topo-order", f"--max-count={most}", f"--format={FIELDS}")
        text = await self._git("log", *order, *commits, "--", *_globs(paths))
        return tuple(_commit(part) for part in text.split("\x1e") if part.strip())

    async def text(self, commit: str, paths: Sequence[str]) -> str:
        """The files of `paths` at `commit`, each under its name; at most 200 of them, none that is large."""
        blobs = await self._blobs(commit, paths)
        found = await self._contents([blob for _, blob in blobs])
        parts = (f"--- {clean(name, 200)}\n{found.get(blob, '(too large to show)')}" for name, blob in blobs)
        return clean_block("\n".join(parts), MOST_BYTES)

    async def diff(self, before: str, after: str, paths: Sequence[str]) -> str:
        """How `paths` differ between two commits, as a unified diff; no program of the operator's settings is run."""
        plain = ("--patch", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames")
        return clean_block(await self._git("diff-tree", "-r", *plain, before, after, "--", *_globs(paths)), MOST_DIFF)

    async def changed_paths(self, commit: str, paths: Sequence[str] = (), parent: int = 1) -> tuple[str, ...]:
        """Every path, or those of `paths`, that a commit changed against one of its parents."""
        return await self.differing(await self._parent(commit, parent), commit, paths)

    async def differing(self, before: str, after: str, paths: Sequence[str] = ()) -> tuple[str, ...]:
        """Every path, or those of `paths`, that differ between two commits."""
        out = await self._git("diff-tree", "-r", "-z", "--name-only", before, after, "--", *_globs(paths))
        return tuple(clean(name, 200) for name in out.split("\0") if name)

    async def contains(self, later: str, earlier: str) -> bool:
        """Whether `earlier` is `later` or stands before it."""
        return (await self._run("merge-base", "--is-ancestor", earlier, later)).code == 0

    async def between(self, later: str, earlier: str) -> frozenset[str]:
        """The commits that `later` holds and `earlier` does not."""
        return frozenset((await self._git("rev-list", later, f"^{earlier}")).split())

    async def parents_and_tree(self, commit: str) -> tuple[tuple[str, ...], str]:
        """What a commit stands on and what it holds: two with the same are the same change."""
        parents, _, tree = (
            (await self._git("show", "--no-patch", "--format=%P%x1f%T", commit)).strip().partition("\x1f")
        )
        return tuple(parents.split()), tree

    async def dirty(self, paths: Sequence[str]) -> bool:
        """Whether the operator's own tree has changes of `paths` that are not committed; a bare clone has no tree."""
        said = await self._run("status", "--porcelain", "--no-renames", "--", *_globs(paths))
        return said.code == 0 and bool(said.text.strip())

    async def on_remote(self, branch: str) -> str | None:
        """What a branch points at now, there where a push would go; None where there is none."""
        read = (await self._git("remote", "get-url", "--", self.remote)).strip()
        address = pushed if (pushed := await self.pushed_to()) != read else self.remote
        out = await self._git("ls-remote", "--heads", "--", address, f"refs/heads/{branch}", bound_s=REMOTE_S)
        names = (line.split("\t", 1) for line in out.split("\n"))
        return next((one[0] for one in names if one[1:] == [f"refs/heads/{branch}"]), None)

    async def pushed_to(self) -> str:
        """The one address that a push goes to, which need not be the one that is fetched from."""
        addresses = (await self._git("remote", "get-url", "--push", "--all", "--", self.remote)).splitlines()
        if len(addresses) != 1:
            said = f"{clean(self.remote, 60)} has {len(addresses)} addresses to push to"
            raise Failure(FailureKind.REJECTED, f"{said}: a push must go to one; nothing was sent")
        return addresses[0]

    async def run(self, *arguments: str, folder: Path | None = None, bound_s: float = LOCAL_S) -> Said:
        """Git in the clone, or in a worktree of it."""
        return await git(folder or self.folder, *arguments, bound_s=bound_s)

    async def write_commit(self, tree: str, parent: str, message: str, who: Mapping[str, str]) -> str:
        """A commit that no branch holds."""
        return (await self._git("commit-tree", tree, "-p", parent, "-m", message, extra=who)).strip()

    @property
    def _name(self) -> str:
        return f"git in {clean(self.folder.name, 80)}"

    async def _fetched(self, *specs: str) -> None:
        alone = (
            "--no-tags",
            "--no-auto-maintenance",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
            "--refmap=",
        )
        await self._git("fetch", "--quiet", *alone, "--", self.remote, *specs, bound_s=REMOTE_S)

    async def _parent(self, commit: str, number: int) -> str:
        said = await self._run("rev-parse", "--verify", "--quiet", f"{commit}^{number}")
        return said.text.strip() if said.code == 0 else await self._nothing()

    async def _nothing(self) -> str:
        """The empty tree."""
        return (await self._git("hash-object", "-t", "tree", "/dev/null")).strip()

    async def _blobs(self, commit: str, paths: Sequence[str]) -> list[tuple[str, str]]:
        """Name and object of each file; neither submodules nor links."""
        raw = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
        parts = (await self._git(*raw, await self._nothing(), commit, "--", *_globs(paths))).split("\0")
        found = ((name, head.split()) for head, name in zip(parts[::2], parts[1::2], strict=False))
        return [(name, head[3]) for name, head in found if head[1].startswith("100")][:MOST]

    async def _contents(self, blobs: Sequence[str]) -> dict[str, str]:
        """The texts of those objects that are not large."""
        fed = "".join(f"{blob}\n" for blob in dict.fromkeys(blobs)).encode()
        sizes = (line.split() for line in (await self._git("cat-file", "--batch-check", fed=fed)).splitlines())
        small = [line[0] for line in sizes if len(line) == 3 and int(line[2]) <= MOST_BYTES]
        said = await self._run("cat-file", "--batch", fed="".join(f"{blob}\n" for blob in small).encode())
        return dict(_batch(said.out))

    async def _git(
        self,
        *arguments: str,
        bound_s: float = LOCAL_S,
        extra: Mapping[str, str] | None = None,
        fed: bytes | None = None,
    ) -> str:
        said = await self._run(*arguments, bound_s=bound_s, extra=extra, fed=fed)
        if said.code != 0:
            remote = said.late or arguments[0] in ("fetch", "ls-remote")
            kind = FailureKind.UNREACHABLE if remote else FailureKind.NOT_FOUND
            raise Failure(kind, f"{self._name}: {arguments[0]}: {said.why}")
        return said.text

    async def _run(
        self,
        *arguments: str,
        bound_s: float = LOCAL_S,
        extra: Mapping[str, str] | None = None,
        fed: bytes | None = None,
    ) -> Said:
        return await git(self.folder, *arguments, bound_s=bound_s, extra=extra, fed=fed)


def _globs(paths: Sequence[str]) -> list[str]:
    return [f":(top,glob){path}" for path in paths]


def _commit(part: str) -> Commit:
    sha, parents, at, by, subject = (part.strip("\n").split("\x1f") + [""] * 5)[:5]
    when = datetime.fromisoformat(at).astimezone(UTC)
    return Commit(sha, tuple(parents.split()), when, clean(by, 80), clean(subject, 160))


def _batch(out: bytes) -> list[tuple[str, str]]:
    """What `cat-file --batch` printed: for each object a line with its name and size, and its content."""
    found, at = [], 0
    while at < len(out):
        end = out.index(b"\n", at)
        name, _, size = out[at:end].decode().split()
        at = end + 1 + int(size)
        found.append((name, out[end + 1 : at].decode(errors="replace")))
        at += 1
    return found
