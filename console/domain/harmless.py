"""The few statements of a down script that surely lose nothing, each known whole.

Whatever is not among them may lose data, as far as we know: a function may delete, a default may call one, a trigger
may fire. What is plain enough to be judged at all holds no comment that may nest, no escape and no dollar quote.
"""

from __future__ import annotations

import re

# Statements come with their comments taken out, strings emptied, words in capitals, one space.
_PART = r'(?:"[\w ]+"|`[\w ]+`|[A-Z_]\w*)'
_NAME = rf"{_PART}(?: ?\. ?{_PART})?"
_LIST = rf"\( ?{_PART}(?: (?:ASC|DESC))?(?: ?, ?{_PART}(?: (?:ASC|DESC))?)* ?\)"
_TYPE = r"[A-Z_]\w*(?: (?!NOT |NULL|DEFAULT )[A-Z_]\w*)*(?: ?\( ?\d+(?: ?, ?\d+)? ?\))?(?: ?\[ ?\])?"
_VALUE = r"(?:''|-?\d+(?:\.\d+)?|TRUE|FALSE|NULL|CURRENT_TIMESTAMP)"
_COLUMN = rf"{_PART} {_TYPE}(?: NOT NULL| NULL| DEFAULT {_VALUE})*"
_TABLE = rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{_NAME}"
_KEYS = rf"(?:UNIQUE|PRIMARY KEY) ?{_LIST}|FOREIGN KEY ?{_LIST} ?REFERENCES {_NAME} ?{_LIST}"

_KEEPS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_TABLE} ADD (?:COLUMN )?(?:IF NOT EXISTS )?{_COLUMN}",
        rf"{_TABLE} ADD CONSTRAINT {_PART} (?:{_KEYS})",
        rf"{_TABLE} RENAME (?:COLUMN |CONSTRAINT )?{_PART} TO {_PART}",
        rf"{_TABLE} RENAME TO {_PART}",
        rf"ALTER (?:INDEX|SEQUENCE|VIEW|TYPE) (?:IF EXISTS )?{_NAME} RENAME TO {_PART}",
        rf"CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?{_PART} ON (?:ONLY )?{_NAME}(?: USING \w+)? ?{_LIST}",
        rf"CREATE TABLE (?:IF NOT EXISTS )?{_NAME} ?\((?:[\w ,.\"]|''|\([\w ,\"]*\))*\)",
        rf"COMMENT ON (?:TABLE|COLUMN|INDEX|CONSTRAINT) {_NAME}(?: ?\. ?{_PART})? IS (?:''|NULL)",
    )
)
_CALLS = re.compile(r"\b(?:SELECT|EXECUTE|WITH|RETURNING|AS)\b|\bDEFAULT [A-Z_]\w* ?\(")
_ODD = re.compile(r"\\|/\*|\*/|\$|\b[uU]&|(?<![\w'])[eExXbBnN]'")


def plain(text: str) -> bool:
    """Whether a statement, as it is sent, holds nothing that databases read differently."""
    return _ODD.search(text) is None


def keeps(bare: str, version_table: str) -> bool:
    """Whether the statement, bare, surely loses nothing; `version_table` is a pattern of the migrations' table."""
    return _CALLS.search(bare) is None and (_moves(bare, version_table) or any(one.fullmatch(bare) for one in _KEEPS))


def _moves(bare: str, table: str) -> bool:
    """Whether it only writes the migrations' own table, and plain values there."""
    where = rf"(?: WHERE (?:{_NAME} ?\. ?)?{_PART} ?= ?{_VALUE})?"
    own = (
        rf"UPDATE {table} SET {_PART} ?= ?{_VALUE}{where}",
        rf"INSERT INTO {table} ?\( ?{_PART} ?\) VALUES ?\( ?{_VALUE} ?\)",
        rf"DELETE FROM {table}{where}",
    )
    return any(re.fullmatch(pattern, bare) for pattern in own)
