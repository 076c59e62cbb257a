"""Where a target's record lives, and where it spills to when that place cannot be written."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

_NETWORK = re.compile(r"^(nfs|cifs|smb|afs|ceph|gluster|lustre|beegfs|fuse\.(sshfs|s3fs|rclone|gcsfuse|blobfuse))")


def state_folder(environment: Mapping[str, str]) -> Path:
    """ROLLBACK_STATE, else the XDG state folder's rollback-console."""
    if environment.get("ROLLBACK_STATE"):
        return Path(environment["ROLLBACK_STATE"])
    home = Path(environment.get("HOME") or "/")
    return Path(environment.get("XDG_STATE_HOME") or home / ".local" / "state") / "rollback-console"


def log_path(folder: Path, target: str, fingerprint: str) -> Path:
    """The file of one target's record."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", target)[:80]
    return folder / f"{name}-{fingerprint}.db"


def spill_path(path: Path) -> Path:
    """Where the record of `path` goes when `path` cannot be written: a private folder below the temporary one."""
    return Path(tempfile.gettempdir()) / f"rollback-console-{os.getuid()}" / path.name


def is_private(folder: Path) -> bool:
    """Whether `folder`, made where it is missing, is ours alone: others can write below the temporary folder too."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def network_filesystem(path: Path, mounts: str) -> str | None:
    """The network filesystem that `path` lies on by `mounts` (/proc/mounts), or None.

    SQLite's write-ahead log needs shared memory and locks that network filesystems do not keep
    (https://www.sqlite.org/wal.html).
    """
    best, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].encode().decode("unicode_escape")
        inside = str(path) == point or str(path).startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind if _NETWORK.match(kind) else None
