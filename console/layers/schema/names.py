"""What the configured queries name."""

from __future__ import annotations


def version_table(query: str) -> str:
    """The table that `current` reads, which a script may write without losing anything."""
    words = query.replace(";", " ").split()
    froms = [place for place, word in enumerate(words) if word.upper() == "FROM"]
    return words[froms[0] + 1] if froms and froms[0] + 1 < len(words) else "alembic_version"
