"""A bare origin, the operator's clone of it, and a history of prompts: real git, no network."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.engine.apps import NOW

PROMPT = "prompts/drug_info.md"
ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}


@dataclass
class GitWorld:
    """`commits` are those made here, in their order; each is a minute newer than the one before."""

    folder: Path
    commits: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.origin, self.clone = self.folder / "origin.git", self.folder / "clone"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin), where=self.folder)
        self.git("clone", "--quiet", str(self.origin), str(self.clone), where=self.folder)
        for name, value in (("user.name", "Alice"), ("user.email", "alice@example.org")):
            self.git("config", name, value)
        self.git("symbolic-ref", "HEAD", "refs/heads/main")

    def git(self, *arguments: str, where: Path | None = None, at: datetime | None = None, fails: bool = False) -> str:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        dated = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), at.isoformat()) if at else {}
        told = subprocess.run(
            ["git", "-C", str(where or self.clone), *arguments],
            env={**kept, **ALONE, **dated},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if not fails:
            assert told.returncode == 0, told.stderr
        return told.stdout

    def commit(
        self, text: str, subject: str = "a prompt", path: str = PROMPT, push: bool = True, **others: str
    ) -> str:
        """A commit on the branch that is checked out; `others` are files by name, with `_` for a dot."""
        files = {path: text, **{name.replace("_", "."): content for name, content in others.items()}}
        for name, content in files.items():
            place = self.clone / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        self.git("add", "--all")
        at = NOW - timedelta(hours=10) + timedelta(minutes=len(self.commits))
        self.git("commit", "--quiet", "--message", subject, at=at)
        if push:
            self.git("push", "--quiet", "origin", "HEAD")
        return self.noted()

    def merge(self, branch: str, subject: str = "merge") -> str:
        at = NOW - timedelta(hours=10) + timedelta(minutes=len(self.commits))
        self.git("merge", "--quiet", "--no-ff", "--message", subject, branch, at=at)
        self.git("push", "--quiet", "origin", "HEAD")
        return self.noted()

    def noted(self) -> str:
        self.commits.append(self.git("rev-parse", "HEAD").strip())
        return self.commits[-1]

    def heads(self) -> dict[str, str]:
        """The origin's branches."""
        told = self.git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads", where=self.origin)
        return {name: sha for name, _, sha in (line.partition(" ") for line in told.splitlines())}

    def shown(self, commit: str, path: str = PROMPT) -> str:
        return self.git("show", f"{commit}:{path}", where=self.origin)

    def untouched(self) -> dict[str, str]:
        """All that is the operator's: every file, the index, HEAD, branches, remote branches, stash, settings."""
        found = {
            str(path.relative_to(self.clone)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.clone.rglob("*"))
            if path.is_file() and ".git" not in path.relative_to(self.clone).parts
        }
        for name in ("index", "HEAD", "config", "logs/HEAD", "packed-refs", "ORIG_HEAD", "FETCH_HEAD"):
            path = self.clone / ".git" / name
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "none"
        found["refs"] = self.git("for-each-ref", "refs/heads", "refs/remotes", "refs/tags", "refs/stash")
        found["worktrees"] = self.git("worktree", "list")
        found["status"] = self.git("--no-optional-locks", "status", "--porcelain=v2", "--untracked-files=all")
        return found

    def receiving(self, script: str) -> None:
        """Has the remote taken pushes by this script instead of git-receive-pack; `$1` is its folder."""
        place = self.folder / "receive"
        place.write_text(f"#!/bin/sh\n{script}\n")
        place.chmod(place.stat().st_mode | stat.S_IXUSR)
        self.git("config", "remote.origin.receivepack", str(place))

    def hook(self, where: Path, name: str, script: str) -> None:
        place = where / "hooks" / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\n{script}\n")
        place.chmod(0o755)
