"""A database's migrations, from the scripts, else by the configured query or command; read seldom."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from console.clock import Clock
from console.config.layer_settings import SchemaSettings
from console.domain import migrations
from console.domain.failure import Failure, FailureKind
from console.domain.schema import Migration
from console.stores import commands
from console.stores.heads import Heads

AGAIN_S = 60.0
SCRIPTS = 2000


class HistoryReader:
    """Remembers what it read, and what went wrong."""

    def __init__(self, settings: SchemaSettings, heads: Heads | None, home: str, clock: Clock) -> None:
        self._settings, self._heads, self._home, self._clock = settings, heads, home, clock
        self._told: tuple[datetime, tuple[Migration, ...], str] | None = None

    async def told(self, again: bool = False) -> tuple[tuple[Migration, ...], str]:
        """The migrations: read once, and `again` at most once a minute, where the head is not among them."""
        now = self._clock.now()
        if self._told is not None:
            fresh = now - self._told[0] < timedelta(seconds=AGAIN_S)
            if fresh or not again:
                return self._told[1], self._told[2]
        try:
            self._told = (now, await self._read(), "")
        except Failure as failure:
            self._told = (now, self._told[1] if self._told else (), f"the history: {failure.sentence}")
        return self._told[1], self._told[2]

    async def _read(self) -> tuple[Migration, ...]:
        if self._settings.scripts is not None:
            return await asyncio.to_thread(_from_folder, Path(self._home) / self._settings.scripts)
        history = self._settings.history
        if history is None:
            return ()
        if history.split(maxsplit=1)[0].upper() in ("SELECT", "WITH", "VALUES"):
            return await self._heads.migrations(history) if self._heads is not None else ()
        printed = await commands.output(commands.words(history), self._home, self._settings.command_s)
        return migrations.from_lines(printed)


def _from_folder(folder: Path) -> tuple[Migration, ...]:
    """Alembic's migrations in a folder, read and never run; the order is that of their names."""
    try:
        files = sorted(folder.glob("*.py"))[:SCRIPTS]
        found = [migrations.from_script(file.read_text(encoding="utf-8", errors="replace")) for file in files]
    except OSError as error:
        raise Failure(FailureKind.UNREACHABLE, f"{folder.name}: {error.strerror}") from error
    return tuple(one for one in found if one is not None)
