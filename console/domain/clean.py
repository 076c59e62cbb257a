"""Makes remote text harmless: what would move a cursor, run an action or hide is shown instead."""

from __future__ import annotations

import re

LIMIT = 2000

# C0 and DEL, C1, zero-width and bidirectional controls, line and paragraph separators, byte-order mark, characters
# that look like nothing (fillers, joiners, variation selectors, tags), and lone surrogates.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e01ef]"
)
_HOSTILE_BUT_LINES = re.compile(_HOSTILE.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def clean(text: str, limit: int = LIMIT) -> str:
    """One line of remote text with every control, escape, bidi and zero-width character made visible.

    At most about `limit` characters: the middle is lost, never the end.
    """
    return middle(_HOSTILE.sub(_visible, middle(text, limit)), limit)


def clean_block(text: str, limit: int = LIMIT * 10) -> str:
    """Several lines of remote text: as `clean`, but line feeds and tabs stay."""
    return middle(_HOSTILE_BUT_LINES.sub(_visible, middle(text, limit)), limit)


def middle(text: str, width: int) -> str:
    """`text` in at most `width` characters, losing its middle to an ellipsis."""
    if len(text) <= width:
        return text
    if width <= 1:
        return text[-width:] if width else ""
    head = (width - 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"
