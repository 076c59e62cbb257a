"""Prompts kept in git: a bare origin that the pipeline watches, and the operator's own clone of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from console.simulator.stores.knowledge import GROUNDED, SHORTER, VERSIONS

PROMPT = "prompts/drug_info.md"
WATCHED = ("refs/heads/main", "refs/heads/rollback/")
PATIENCE_S = 20.0
ALICE = ("Alice", "alice@pharmabot.example")
BOB = ("Bob", "bob@pharmabot.example")
GOOD, INNOCENT, BAD = "good", "innocent", "bad"


class Repository:
    """The bare origin and the clone in one folder."""

    def __init__(self, folder: Path) -> None:
        self.origin, self.clone = folder / "origin.git", folder / "pharmabot"
        self._prompts: dict[str, str] = {}

    def prompts(self, commits: Iterable[str]) -> Mapping[str, str]:
        """The prompt's text at each of these commits that the origin has."""
        for commit in commits:
            if commit not in self._prompts:
                told = _git(self.origin, "show", f"{commit}:{PROMPT}", check=False)
                if told is not None:
                    self._prompts[commit] = told
        return dict(self._prompts)

    def heads(self) -> dict[str, str]:
        """The commits of the branches that the pipeline deploys, by ref; nothing where git does not answer."""
        told = _git(self.origin, "for-each-ref", "--format=%(refname) %(objectname)", *WATCHED, check=False) or ""
        return {name: commit for name, _, commit in (line.partition(" ") for line in told.splitlines())}

    def stirred(self) -> tuple[int, ...]:
        """Changes when a branch may have been pushed, without asking git."""
        found = [self.origin / "packed-refs", *sorted((self.origin / "refs" / "heads").rglob("*"))]
        return tuple(one.stat().st_mtime_ns for one in found if one.exists())


def found(folder: Path, now: datetime) -> tuple[Repository, dict[str, str]]:
    """Makes origin and clone with their history; the commits by what they are. Raises OSError without git."""
    repository = Repository(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(repository.origin))
    _git(folder, "clone", "--quiet", str(repository.origin), str(repository.clone))
    for name, value in (("user.name", ALICE[0]), ("user.email", ALICE[1]), ("commit.gpgsign", "false")):
        _git(repository.clone, "config", name, value)
    _git(repository.clone, "symbolic-ref", "HEAD", "refs/heads/main")
    grounded = GROUNDED.format(place=VERSIONS[-1][0])
    commits = {
        GOOD: _commit(repository, {PROMPT: grounded, "README.md": "# pharmabot\n"}, "Answer from leaflets only",
                      ALICE, now - timedelta(days=34)),
        INNOCENT: _commit(repository, {"README.md": "# pharmabot\n\nAsk in #pharmabot.\n"}, "Say where to ask",
                          ALICE, now - timedelta(days=6)),
        BAD: _commit(repository, {PROMPT: SHORTER}, "shorter prompt", BOB, now - timedelta(minutes=19)),
    }  # fmt: skip
    _git(repository.clone, "push", "--quiet", "origin", "main")
    return repository, commits


def _commit(repository: Repository, files: dict[str, str], message: str, who: tuple[str, str], at: datetime) -> str:
    for name, text in files.items():
        path = repository.clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _git(repository.clone, "add", "--all")
    moment = at.isoformat(timespec="seconds")
    named = {
        **dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), moment),
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), who[0]),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), who[1]),
    }
    _git(repository.clone, "commit", "--quiet", "--message", message, environment=named)
    return (_git(repository.clone, "rev-parse", "HEAD") or "").strip()


def _git(
    folder: Path, *arguments: str, check: bool = True, environment: Mapping[str, str] | None = None
) -> str | None:
    """What git says, without the settings of whoever runs it; None where it fails and that is allowed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    try:
        told = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            env={**kept, **alone, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=check,
        )
    except subprocess.TimeoutExpired:
        if check:
            raise OSError("git does not answer") from None
        return None
    except subprocess.CalledProcessError as failed:
        raise OSError(f"git {arguments[0]}: {failed.stderr.strip()}") from failed
    return told.stdout if told.returncode == 0 else None
