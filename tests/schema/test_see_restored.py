"""The look into a restored server: a wrong head or address ends the run, and a closed door is not a proof."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from console.clock import SystemClock
from console.config.section import StoreSection
from console.domain.failure import Failure
from console.domain.schema import Server
from console.layers.schema.door import SchemaDoor
from console.layers.schema.names import at_host
from console.steps.see_restored import SeeRestored
from console.steps.step import End, World
from console.stores.heads import Heads
from console.stores.store import Store
from tests.schema.migrating import RENAMED, migrations, opened, run, settings, upgrade

NEW, HOST = "db-r1", "db-r1.example"


@dataclass
class Restored:
    """A door to a server whose database is this one."""

    url: str
    fqdn: str = HOST
    asked: list[str] = field(default_factory=list)

    def azure(self) -> Restored:
        return self

    async def server(self, name: str) -> Server:
        return Server(name, "here", "Ready", self.fqdn, None, 7)

    @contextlib.asynccontextmanager
    async def restored(self, host: str) -> AsyncIterator[Heads]:
        self.asked.append(host)
        target = settings(url="env:DB", counts=("leaflets",))
        assert target.schema_ is not None
        store = Store(StoreSection(url="env:DB"), {"DB": self.url}, "", "schema")
        yield Heads(store, target.schema_)
        await store.close()


async def seen(door: Any, step: SeeRestored) -> tuple[End, str]:
    nothing = cast(Any, None)
    world = World(nothing, nothing, SystemClock(), doors={"schema": cast(SchemaDoor, door)})
    result = await step.verify(world)
    return result.end, result.detail


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path}/service.db"
    upgrade(migrations(tmp_path), address, RENAMED)
    run(address, "INSERT INTO leaflets (id) VALUES (1)")
    return address


async def test_head_and_rows_are_read_on_the_restored_server(url: str) -> None:
    door = Restored(url)
    end, detail = await seen(door, SeeRestored(NEW, HOST, RENAMED, (("leaflets", 5),)))
    assert (end, detail) == (End.DONE, f"head {RENAMED} read there; leaflets 5 → 1 rows")
    assert door.asked == [HOST]


async def test_another_head_ends_the_run_before_anything_leads_there(url: str) -> None:
    end, detail = await seen(Restored(url), SeeRestored(NEW, HOST, "8c1d02", ()))
    assert end is End.FAILED
    assert "holds 4f2a91, not 8c1d02: nothing was pointed at it" in detail


async def test_another_address_than_the_plan_counts_on_ends_the_run(url: str) -> None:
    end, detail = await seen(Restored(url, fqdn="elsewhere.example"), SeeRestored(NEW, HOST, "", ()))
    assert (end, "not at db-r1.example" in detail) == (End.FAILED, True)


async def test_a_server_that_cannot_be_entered_from_here_is_not_proven(tmp_path: Path) -> None:
    door = Restored("postgresql://nobody@127.0.0.1:1/x")
    end, detail = await seen(door, SeeRestored(NEW, "", RENAMED, ()))
    assert end is End.UNPROVEN
    assert (await seen(door, SeeRestored(NEW, HOST, RENAMED, ())))[0] is End.SKIPPED
    assert "firewall rules and DNS do not come along" in detail


def test_only_the_host_of_an_address_changes() -> None:
    assert at_host("postgresql://a:b%40c@old:5433/x?sslmode=require", "new") == (
        "postgresql://a:b%40c@new:5433/x?sslmode=require"
    )
    assert at_host("postgres://old/x", "new") == "postgres://new/x"
    with pytest.raises(ValueError, match="without a host"):
        at_host("postgresql:///x?host=/run", "new")


async def test_an_address_that_has_no_host_cannot_be_another_servers() -> None:
    door = opened(settings(url="env:DB", server="db"), {"DB": "sqlite:///a.db"})
    with pytest.raises(Failure, match="cannot be used for another server"):
        async with door.restored("new"):
            pass
