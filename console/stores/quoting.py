"""SQL that a person pastes into psql or sqlite3: names and values quoted so that none of them can say more."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from console.config.section import FROM_ENVIRONMENT

_PLAIN = re.compile(r"[ -~]*")


def name(text: str) -> str:
    """A table or column, perhaps with its schema, always quoted."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in text.split("."))


def value(text: str, sqlite: bool) -> str:
    """A literal on one line: whatever is not printable ASCII is escaped, so that it ends neither line nor script."""
    if _PLAIN.fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    if sqlite:
        return "||".join(_characters(part) for part in re.split(r"([^ -~]+)", text) if part)
    return "E'" + "".join(_escaped(character) for character in text) + "'"


def transaction(url: str, lines: Sequence[str], sqlite: bool, lock_s: float) -> str:
    """The command that runs `lines` in one transaction, which ends at the first error with nothing changed."""
    if sqlite:
        head = [f"sqlite3 -bail {_file(url)} <<'SQL'", f".timeout {int(lock_s * 1000)}", "BEGIN IMMEDIATE;"]
        return "\n".join((*head, *lines, "COMMIT;", "SQL"))
    begin = ("BEGIN;", f"SET LOCAL lock_timeout = '{lock_s:g}s';")
    return "\n".join((f"psql {_address(url)} -v ON_ERROR_STOP=1 <<'SQL'", *begin, *lines, "COMMIT;", "SQL"))


def _characters(part: str) -> str:
    if _PLAIN.fullmatch(part):
        return "'" + part.replace("'", "''") + "'"
    return f"char({','.join(str(ord(character)) for character in part)})"


def _escaped(character: str) -> str:
    if character in ("'", "\\"):
        return character * 2
    if _PLAIN.fullmatch(character):
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _address(url: str) -> str:
    """The address as psql takes it: `postgresql+psycopg://` is SQLAlchemy's own."""
    if url.startswith(FROM_ENVIRONMENT):
        return f'"${url.removeprefix(FROM_ENVIRONMENT)}"'
    return shlex.quote(re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url))


def _file(url: str) -> str:
    """SQLite's file; of an address in the environment, whatever follows `sqlite:///`."""
    if url.startswith(FROM_ENVIRONMENT):
        return f'"${{{url.removeprefix(FROM_ENVIRONMENT)}#sqlite:///}}"'
    return shlex.quote(url.removeprefix("sqlite:///"))
