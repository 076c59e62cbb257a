"""Headers of requests: what is secret in them stands in the environment, never in a file."""

from __future__ import annotations

import re
from collections.abc import Mapping

# `env:NAME`, or a scheme before it: `Bearer env:NAME`.
_NAMED = re.compile(r"(?:([A-Za-z][A-Za-z0-9-]*) )?env:([A-Za-z_][A-Za-z0-9_]*)")
_SECRET = re.compile(r"auth|key|token|cookie|secret|password|signature", re.IGNORECASE)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def checked(headers: Mapping[str, str]) -> None:
    """Raises ValueError with a sentence for a header that cannot be sent, or whose secret stands in the file."""
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f'"{name}" is not the name of a header')
        if "env:" in value and not _NAMED.fullmatch(value):
            raise ValueError(
                f'{name} = "env:NAME" or "Bearer env:NAME" is what a value from the environment looks like'
            )
        if _SECRET.search(name) and not _NAMED.fullmatch(value):
            raise ValueError(f'a secret never stands in this file: write {name} = "env:NAME" instead')


def resolved(headers: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """The headers to send. Raises KeyError with the variable's name where it is not set."""
    return {name: _value(value, environment) for name, value in headers.items()}


def _value(value: str, environment: Mapping[str, str]) -> str:
    match = _NAMED.fullmatch(value)
    if match is None:
        return value
    scheme, name = match.groups()
    return f"{scheme} {environment[name]}" if scheme else environment[name]
