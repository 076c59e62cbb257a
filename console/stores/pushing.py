"""The one write to a remote: a push of one commit to one branch, never forced, sent once."""

from __future__ import annotations

from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind
from console.stores.git_command import REMOTE_S, Said
from console.stores.repository import Repository

# What git says when it never came to sending anything.
_NEVER_SENT = (
    "Could not read from remote repository",
    "hung up upon initial contact",
    "unable to access",
    "Authentication failed",
    "could not read Username",
    "could not read Password",
    "does not appear to be a git repository",
    "src refspec",
    "invalid refspec",
    "remote error: access denied",
)


async def may_push(repository: Repository, commit: str, branch: str) -> str:
    """Empty where a push would be taken as far as can be known without sending; else git's own reason.

    What the remote's hooks and rules say is only told by the push itself. Raises Failure.
    """
    said = await _push(repository, commit, branch, "--dry-run")
    return "" if said.code == 0 else _refusal(said)


class Pusher:
    """What pushes; built only where the console may write."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    async def push(self, commit: str, branch: str) -> None:
        """Once. Raises Failure: UNKNOWN where it may have been taken."""
        said = await _push(self._repository, commit, branch)
        if said.code == 0:
            return
        where = f"git push to {clean(self._repository.remote, 60)} {clean(branch, 100)}"
        if _refused(said):
            raise Failure(FailureKind.REJECTED, f"{where}: {_refusal(said)}; nothing was changed")
        if not said.late and any(word in said.err for word in _NEVER_SENT):
            raise Failure(FailureKind.UNREACHABLE, f"{where}: {said.why}; nothing was sent")
        raise Failure(FailureKind.UNKNOWN, f"{where}: {said.why}")


async def _push(repository: Repository, commit: str, branch: str, *options: str) -> Said:
    await repository.pushed_to()
    alone = ("--porcelain", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no")
    spec = f"{commit}:refs/heads/{branch}"
    return await repository.run("push", *alone, *options, "--", repository.remote, spec, bound_s=REMOTE_S)


def _refused(said: Said) -> str:
    """The line by which the remote, or git before sending, refuses: `!`, the refs, `[remote rejected] (why)`."""
    return next((line for line in said.text.split("\n") if line.startswith("!")), "")


def _refusal(said: Said) -> str:
    """Why a push is refused: git's word for it, and what the remote had to say."""
    line = _refused(said)
    if not line:
        return said.why
    told = [part.removeprefix("remote:").strip() for part in said.err.splitlines() if part.startswith("remote:")]
    return clean("; ".join([line.split("\t")[-1], *[one for one in told if one][:2]]), 240)
