"""A database's errors as failures: what happened, to which database, and what is safe to do now."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_KINDS = {
    "42501": (FailureKind.NOT_ALLOWED, "you may not do this"),
    "42P01": (FailureKind.NOT_FOUND, "a table does not exist"),
    "42703": (FailureKind.NOT_FOUND, "a column does not exist"),
    "3D000": (FailureKind.NOT_FOUND, "the database does not exist"),
    "28P01": (FailureKind.SIGN_IN, "the password was not accepted"),
    "28000": (FailureKind.SIGN_IN, "the login was not accepted"),
    "55P03": (FailureKind.CONFLICT, "somebody else holds a lock on it"),
    "57014": (FailureKind.CONFLICT, "it took longer than it may"),
    "40001": (FailureKind.CONFLICT, "somebody else changed it at the same moment"),
    "40P01": (FailureKind.CONFLICT, "it met somebody else's locks"),
    "25006": (FailureKind.NOT_ALLOWED, "the connection is read-only"),
}
_SQLITE = (
    ("no such table", FailureKind.NOT_FOUND),
    ("no such column", FailureKind.NOT_FOUND),
    ("locked", FailureKind.CONFLICT),
    ("readonly", FailureKind.NOT_ALLOWED),
    ("unable to open", FailureKind.UNREACHABLE),
)


def failure(error: SQLAlchemyError, what: str) -> Failure:
    """The failure that `error` is; whatever was begun is rolled back, so nothing changed."""
    if not isinstance(error, DBAPIError):
        kind = FailureKind.UNREACHABLE if isinstance(error, PoolTimeout) else FailureKind.REJECTED
        return Failure(kind, f"{what}: {_said(error)}")
    state = str(getattr(error.orig, "sqlstate", "") or "")
    if state in _KINDS:
        kind, words = _KINDS[state]
        return Failure(kind, f"{what}: {words} ({_said(error)})", state)
    if state:
        connecting = state.startswith(("08", "57P", "53"))
        return Failure(
            FailureKind.UNREACHABLE if connecting else FailureKind.REJECTED, f"{what}: {_said(error)}", state
        )
    for words, kind in _SQLITE:
        if words in str(error.orig).lower():
            return Failure(kind, f"{what}: {_said(error)}")
    unreachable = isinstance(error, OperationalError | InterfaceError)
    return Failure(FailureKind.UNREACHABLE if unreachable else FailureKind.REJECTED, f"{what}: {_said(error)}")


def lost(what: str) -> Failure:
    """The connection went away between the commit and its answer."""
    return Failure(FailureKind.UNKNOWN, f"{what}: the connection was lost while committing: it may have taken effect")


def _said(error: SQLAlchemyError) -> str:
    """The database's own first line, never the statement and never an address."""
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(original).strip().splitlines()
    return clean(lines[0] if lines else type(original).__name__, 200)
