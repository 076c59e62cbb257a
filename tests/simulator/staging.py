"""A stage with stores, driven by hand: a scenario at its start, or two days before, whose time stands still."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from console.simulator import scenarios
from console.simulator.pharmabot import PAST
from console.simulator.stage import Stage
from console.simulator.stores.knowledge import QUESTIONS
from console.simulator.stores.reading import Stores
from console.simulator.wire import Door, Request, Response
from tests.simulator.driving import ACCOUNT, ARM, NEWEST, SERVICE, START


class Standing:
    """A clock that moves when somebody sleeps, and lets others go on then; at `enough_at` it has had enough."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.enough_at: datetime | None = None

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)
        if self.enough_at is not None and self.at >= self.enough_at:
            raise asyncio.CancelledError


@dataclass
class Staged:
    """One stage, its stores, and short ways to ask and to change them."""

    stage: Stage
    stores: Stores
    clock: Standing

    async def chat(self, question: str | None = None, at: str = SERVICE) -> Response:
        body = b"" if question is None else json.dumps({"question": question}).encode()
        return await self.stage.exchange(Request("POST", f"{at}/chat", {}, body, Door.SERVICE))

    async def passed(self, at: str = SERVICE) -> int:
        """How many of the golden questions are answered rightly."""
        count = 0
        for _, question, leaflet, expected in QUESTIONS:
            answer = await self.chat(question, at)
            told = answer.json() if answer.status == 200 else {"answer": "", "sources": []}
            count += expected in told["answer"] and any(leaflet in one for one in told["sources"])
        return count

    async def arm(self, method: str, path: str, body: Any = None, version: str = NEWEST) -> Response:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": "Bearer any"}
        return await self.stage.exchange(Request(method, f"{ARM}{path}?api-version={version}", headers, content))

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """What anybody does to the database from outside: all in one transaction; what the last one gave."""
        with closing(sqlite3.connect(self.stores.path)) as connection:
            with connection:
                found = [connection.execute(one).fetchall() for one in statements]
            return found[-1]

    def calls(self, columns: str = "*", where: str = "1") -> list[tuple[Any, ...]]:
        return self.sql(f"SELECT {columns} FROM llm_calls WHERE {where} ORDER BY at")


@contextmanager
def staged(scenario: str, folder: Path, *, past: bool = False) -> Iterator[Staged]:
    """A scenario with its stores in `folder`."""
    clock = Standing(START - PAST if past else START)
    if past:
        world, stores = scenarios.furnish_past(scenario, scenarios.past(scenario, ACCOUNT, START), folder, START)
    else:
        world, stores = scenarios.furnish(scenario, scenarios.build(scenario, ACCOUNT, START), folder, START)
    try:
        yield Staged(Stage(world, clock, stores), stores, clock)
    finally:
        stores.close()
