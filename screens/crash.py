"""A report of an unexpected error without values: where it happened, its type, its message with secrets cut."""

from __future__ import annotations

import os
import platform
import re
import traceback
from datetime import datetime
from pathlib import Path

_SECRET = re.compile(
    r"(?i)(bearer\s+)\S+"
    r"|(\b(?:password|passwd|pwd|secret|token|api[-_]?key|client_secret|sig|code|assertion)\b\s*[=:]\s*)[^\s&;,]+"
    r"|(://[^/\s:@]+:)[^@\s]+(?=@)"
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|\b[A-Za-z0-9+/_-]{40,}={0,2}"
)


def redact(text: str) -> str:
    """`text` with what looks like a secret cut out."""
    return _SECRET.sub(lambda match: f"{match[1] or match[2] or match[3] or ''}…", text)


def describe(error: BaseException, at: datetime) -> str:
    """Files, lines and functions from the innermost cause outwards, and no locals."""
    lines = [f"rollback-console, {at:%Y-%m-%dT%H:%M:%SZ}, Python {platform.python_version()}", ""]
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(f"{type(current).__module__}.{type(current).__name__}: {redact(str(current))[:500]}")
        lines += [f"  {_place(frame)}" for frame in traceback.extract_tb(current.__traceback__)]
        current = current.__cause__ or current.__context__
    return "\n".join(lines) + "\n"


def _place(frame: traceback.FrameSummary) -> str:
    parts = Path(frame.filename).parts
    return f"{'/'.join(parts[-3:])}:{frame.lineno} in {frame.name}"


def write_report(error: BaseException, folder: Path, at: datetime) -> str:
    """A sentence that says what happened and where the report is; the report is readable by its owner alone."""
    said = f"The console had to stop: {type(error).__name__}. A run that is under way goes on by itself."
    path = folder / f"crash-{at:%Y%m%dT%H%M%SZ}-{os.getpid()}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(describe(error, at))
    except OSError as problem:
        return f"{said} No report could be written: {problem.strerror}."
    return f"{said} Report: {path}"
