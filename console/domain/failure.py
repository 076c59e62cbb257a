"""What went wrong, as a sentence for a tired human: what happened, to which resource, what is safe to do now."""

from __future__ import annotations

from enum import StrEnum


class FailureKind(StrEnum):
    """What kind of failure it is, which decides the exit code and what may be said."""

    UNREACHABLE = "unreachable"
    SIGN_IN = "sign-in"
    NOT_ALLOWED = "not allowed"
    NOT_FOUND = "not found"
    CONFLICT = "conflict"
    THROTTLED = "throttled"
    REJECTED = "rejected"
    UNKNOWN = "outcome unknown"


class Failure(Exception):
    """A call that did not succeed. Only `UNKNOWN` leaves open whether anything changed."""

    def __init__(self, kind: FailureKind, sentence: str, code: str = "", request_id: str = "") -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.code = code
        self.request_id = request_id

    @property
    def nothing_changed(self) -> bool:
        """Whether it is certain that the call had no effect."""
        return self.kind is not FailureKind.UNKNOWN
