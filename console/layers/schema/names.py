"""What the configured queries and addresses name."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def version_table(query: str) -> str:
    """The table that `current` reads, which a script may write without losing anything."""
    words = query.replace(";", " ").split()
    froms = [place for place, word in enumerate(words) if word.upper() == "FROM"]
    return words[froms[0] + 1] if froms and froms[0] + 1 < len(words) else "alembic_version"


def at_host(url: str, host: str) -> str:
    """The same address on another host; login, port, database and options stay. Raises ValueError."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("an address without a host")
    login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"{login}{host}{port}"))
