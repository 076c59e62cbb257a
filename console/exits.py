"""Exit codes that scripts rely on."""

from __future__ import annotations

from enum import IntEnum

from console.domain.failure import Failure, FailureKind
from console.domain.run import Outcome, Run


class Exit(IntEnum):
    """Design section 8: what happened, for a script."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    UNREACHABLE = 4
    UNKNOWN = 5


def exit_for(outcome: Outcome | None) -> Exit:
    """The exit code of a run; one without an outcome is unknown."""
    match outcome:
        case Outcome.VERIFIED | Outcome.UNPROVEN:
            return Exit.DONE
        case Outcome.REFUSED:
            return Exit.REFUSED
        case Outcome.FAILED | Outcome.UNDONE:
            return Exit.FAILED
        case _:
            return Exit.UNKNOWN


def exit_for_run(run: Run) -> Exit:
    """As its outcome says; a write that Azure did not allow exits as any other call that is not allowed."""
    if run.outcome is Outcome.FAILED and run.failure in (FailureKind.SIGN_IN, FailureKind.NOT_ALLOWED):
        return Exit.UNREACHABLE
    return exit_for(run.outcome)


def exit_for_failure(failure: Failure) -> Exit:
    if failure.kind is FailureKind.UNKNOWN:
        return Exit.UNKNOWN
    return Exit.UNREACHABLE
