"""JSON pointers (RFC 6901): where in a body something stands."""

from __future__ import annotations

from typing import Any


def pointed(document: Any, pointer: str) -> Any:
    """What stands at `pointer`; the whole document for an empty one. Raises LookupError where nothing does."""
    value = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isascii() and key.isdecimal() and int(key[:9]) < len(value):
            value = value[int(key[:9])]
        else:
            raise LookupError(f"nothing at {pointer}")
    return value


def valid(pointer: str) -> bool:
    """Whether it is a JSON pointer at all."""
    return not pointer or pointer.startswith("/")
