"""A SQL script, read as carefully as one must before running it: its statements, and what each may cost.

A conservative splitter that knows strings, quoted names, dollar quotes, comments and the bodies of triggers and
functions (https://www.postgresql.org/docs/current/sql-syntax-lexical.html); whatever it does not know is lossy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from console.domain import harmless


class Effect(StrEnum):
    """What a statement may cost: nothing that is there, data, or it cannot be run in our transaction at all."""

    KEEPS = "keeps"
    LOSSY = "lossy"
    BARRED = "barred"
    FRAME = "frame"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it is sent, and its bare words: no comments, strings emptied, one space, capitals."""

    text: str
    bare: str


@dataclass(frozen=True, slots=True)
class Script:
    """What a script would do. `barred` says, in a sentence, why it cannot be run; `tables` are those it names."""

    statements: tuple[Statement, ...]
    lossy: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    framed: bool = False
    tables: tuple[str, ...] = ()

    @property
    def drops_nothing(self) -> bool:
        return not self.lossy and not self.barred


_PIECES = re.compile(
    r"""
    (?P<comment>--[^\n]*|/\*)
  | (?P<escaped>\b[eE]'(?:[^'\\]|\\.|'')*')
  | (?P<string>'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*"|`[^`]*`)
  | (?P<dollar>(?<![\w$])\$(?P<tag>[A-Za-z_]\w*)?\$)
  | (?P<word>[A-Za-z_][\w$]*)
  | (?P<end>;)
  | (?P<meta>\\)
  | (?P<unclosed>['"`])
  | (?P<other>\s+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ROUTINE = re.compile(r"CREATE\s+(OR REPLACE\s+)?((TEMP|TEMPORARY|CONSTRAINT)\s+)?(TRIGGER|FUNCTION|PROCEDURE)\b")


class Unreadable(ValueError):
    """The script cannot be split; the message is a sentence."""


def split(text: str) -> tuple[Statement, ...]:
    """The statements of a script. Raises Unreadable."""
    found: list[Statement] = []
    start, place, depth = 0, 0, 0
    bare: list[str] = []
    while place < len(text):
        match = _PIECES.match(text, place)
        if match is None:
            raise Unreadable("the script holds something that cannot be read")
        kind, place = match.lastgroup if match.lastgroup != "tag" else "dollar", match.end()
        if kind == "end" and depth == 0:
            found += _statement(text[start : match.start()], bare)
            start, bare = place, []
            continue
        if kind == "comment":
            place = _past_comment(text, match)
            bare.append(" ")
        elif kind == "dollar":
            place = _past_dollar(text, match)
            bare.append("''")
        elif kind == "word":
            word = match.group().upper()
            bare.append(word)
            depth += _deeper(word, bare) if depth or word in ("BEGIN", "CASE") else 0
        elif kind in ("string", "escaped"):
            bare.append("''")
        elif kind in ("unclosed", "meta"):
            raise Unreadable(_WHY[kind])
        else:
            bare.append(match.group())
    found += _statement(text[start:], bare)
    return tuple(found)


_WHY = {
    "unclosed": "a string or a name in the script is never closed",
    "meta": "the script holds a psql command (a backslash): the console runs SQL alone",
}


def _deeper(word: str, bare: list[str]) -> int:
    """BEGIN and CASE open and END closes, but only within the body of a trigger or of a function."""
    if word == "END":
        return -1
    return 1 if word in ("BEGIN", "CASE") and _ROUTINE.match(" ".join("".join(bare).split())) else 0


def _past_comment(text: str, match: re.Match[str]) -> int:
    """Comments of the kind /* */ nest in PostgreSQL."""
    if match.group() != "/*":
        return match.end()
    depth, place = 1, match.end()
    while depth:
        found = re.compile(r"/\*|\*/").search(text, place)
        if found is None:
            raise Unreadable("a comment in the script is never closed")
        depth, place = depth + (1 if found.group() == "/*" else -1), found.end()
    return place


def _past_dollar(text: str, match: re.Match[str]) -> int:
    closing = text.find(match.group(), match.end())
    if closing < 0:
        raise Unreadable("a dollar-quoted text in the script is never closed")
    return closing + len(match.group())


def _statement(text: str, bare: list[str]) -> list[Statement]:
    words = " ".join("".join(bare).split())
    return [Statement(text.strip(), words)] if words else []


_FRAME = re.compile(r"(BEGIN|START TRANSACTION|COMMIT|END)( (WORK|TRANSACTION|IMMEDIATE|DEFERRED|EXCLUSIVE))*")
_STEERS = "it steers its own transaction"
_ALONE = "it cannot run in a transaction"
_TIMES = "it would change the time that a statement may take"
_BARRED = (
    (r"(ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE TRANSACTION|COMMIT (PREPARED|AND)|BEGIN|START)\b", _STEERS),
    (r"(CREATE|DROP) (UNIQUE )?INDEX CONCURRENTLY\b", "CONCURRENTLY cannot run in a transaction"),
    (r"(REINDEX|ALTER TABLE)\b.*\bCONCURRENTLY\b", "CONCURRENTLY cannot run in a transaction"),
    (r"(CREATE|DROP|ALTER) (DATABASE|TABLESPACE|SUBSCRIPTION)\b", _ALONE),
    (r"(VACUUM|CLUSTER|ALTER SYSTEM|ATTACH|DETACH)\b", _ALONE),
    (r"COPY\b", "COPY brings its data along, which is no statement"),
    (r"SET\b.*\b(LOCK_TIMEOUT|STATEMENT_TIMEOUT|IDLE_IN_TRANSACTION_SESSION_TIMEOUT)\b", _TIMES),
    (r"(RESET|DISCARD)\b", _TIMES),
    (r".*\bSET_CONFIG\b", _TIMES),
)
_NAME = r'(?:(?:"[^"]*"|`[^`]*`|[\w$]+)(?:\s?\.\s?(?:"[^"]*"|`[^`]*`|[\w$]+))?)'
_SUBJECTS = re.compile(
    rf"(?:TABLE|INTO|UPDATE|DELETE FROM|TRUNCATE|ON|RENAME TO)(?: IF (?:NOT )?EXISTS)?(?: ONLY)? (?P<name>{_NAME})"
)


def read(text: str, version_table: str = "alembic_version") -> Script:
    """What running `text` would do; a script that cannot be split is barred. `version_table` may be written."""
    try:
        statements = split(text)
    except Unreadable as reason:
        return Script((), barred=(str(reason),))
    kept: list[Statement] = []
    lossy: list[str] = []
    barred: list[str] = []
    for one in statements:
        effect, why = judge(one, version_table)
        if effect is Effect.FRAME:
            continue
        kept.append(one)
        if effect is Effect.BARRED:
            barred.append(f"{_head(one)}: {why}")
        elif effect is Effect.LOSSY:
            lossy.append(_head(one))
    tables = dict.fromkeys(name for one in kept for name in _tables(one))
    return Script(tuple(kept), tuple(lossy), tuple(barred), len(kept) < len(statements), tuple(tables))


def judge(one: Statement, version_table: str = "alembic_version") -> tuple[Effect, str]:
    """What one statement may cost, and why it is barred where it is."""
    if _FRAME.fullmatch(one.bare):
        return Effect.FRAME, ""
    for pattern, why in _BARRED:
        if re.match(pattern, one.bare):
            return Effect.BARRED, why
    return (Effect.KEEPS if _keeps(one, version_table) else Effect.LOSSY), ""


def _keeps(one: Statement, version_table: str) -> bool:
    """Whether nothing that is there can be lost by it: only what is known whole is held to keep everything."""
    return harmless.plain(one.text) and harmless.keeps(one.bare, _own(version_table))


def _own(version_table: str) -> str:
    plain = re.escape(version_table.rpartition(".")[2].strip('"').upper())
    return rf'(?:(?:"[^"]*"|\w+)\s?\.\s?)?"?(?i:{plain})"?'


def _tables(one: Statement) -> list[str]:
    return [found["name"].lower().strip('"`') for found in _SUBJECTS.finditer(one.bare)]


def _head(one: Statement) -> str:
    """A statement's first words, for a sentence."""
    return one.bare if len(one.bare) <= 70 else f"{one.bare[:69]}…"
