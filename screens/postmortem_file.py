"""The draft of a postmortem, written beside the command by hand; a draft that stands there is never overwritten."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from console.domain.incident import Incident

MOST = 99


def write_postmortem(lines: Iterable[str], target: str, incident: Incident | None, folder: Path) -> Path:
    """Writes postmortem-TARGET-incident-N.md (0600) into `folder`, under the first name that is free.

    Raises OSError where nothing can be written.
    """
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", target)[:80]
    stem = f"postmortem-{safe}{f'-incident-{incident.id}' if incident else ''}"
    text = "".join(f"{one}\n" for one in lines)
    for extra in ("", *(f"-{number}" for number in range(2, MOST))):
        path = folder / f"{stem}{extra}.md"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        return path
    raise FileExistsError(f"every name for the draft is taken in {folder}")
