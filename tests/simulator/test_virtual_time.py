"""The real SDK and real probes against the machine in memory, in virtual time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.mgmt.appcontainers.aio import ContainerAppsAPIClient

from console.azure.transport import HttpxTransport
from console.simulator import scenarios
from console.simulator.loop import VirtualLoop, run_virtual
from console.simulator.stage import LoopClock, Stage
from console.simulator.transport import SimulatedTransport
from console.simulator.world import Fault
from tests.simulator.driving import ACCOUNT, SERVICE, START, V40, V41, V42, named

GROUP, APP = "pharmabot-rg", "pharmabot"
BACK = {"properties": {"configuration": {"ingress": {"traffic": [named(V42, 0), named(V41, 100)]}}}}


class Token:
    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("rehearsal", 9_999_999_999)

    async def close(self) -> None:
        """Nothing to close."""


class Site:
    """A stage, a plain HTTP client on it, and the SDK's client on it."""

    def __init__(self, scenario: str, *faults: Fault, page_size: int = 1000) -> None:
        world = scenarios.build(scenario, ACCOUNT, START)
        settings = replace(world.settings, page_size=page_size)
        self.stage = Stage(replace(world, faults=(*world.faults, *faults), settings=settings), LoopClock(START))
        self.http = httpx.AsyncClient(transport=SimulatedTransport(self.stage))
        transport = HttpxTransport(self.http, asyncio.sleep)
        self.arm = ContainerAppsAPIClient(
            Token(), ACCOUNT.subscription, transport=transport, retry_total=0, polling_interval=2
        )

    async def who(self) -> str:
        return (await self.http.post(f"{SERVICE}/chat")).headers["x-revision"]


def played(
    scene: Callable[[Site], Coroutine[Any, Any, None]], scenario: str, *faults: Fault, page_size: int = 1000
) -> None:
    """Plays a scene in virtual time."""

    async def main() -> None:
        await scene(Site(scenario, *faults, page_size=page_size))

    run_virtual(main())


def test_a_rollback_through_the_sdk_takes_twelve_seconds_in_milliseconds() -> None:
    async def scene(site: Site) -> None:
        loop = asyncio.get_running_loop()
        before = loop.time()
        poller = await site.arm.container_apps.begin_update(GROUP, APP, BACK)
        assert await site.who() == V42
        app = await poller.result()
        assert loop.time() - before == pytest.approx(12)
        assert [one.weight for one in app.properties.configuration.ingress.traffic] == [0, 100]
        assert await site.who() == V41

    started = time.perf_counter()
    played(scene, "bad-image")
    assert time.perf_counter() - started < 12


def test_the_sdk_follows_next_links() -> None:
    async def scene(site: Site) -> None:
        revisions = site.arm.container_apps_revisions
        names = [one.name async for one in revisions.list_revisions(GROUP, APP)]
        assert names == [V40, V41, V42]

    played(scene, "bad-image", page_size=1)


def test_the_sdk_activates_and_waits_for_a_slow_target() -> None:
    async def scene(site: Site) -> None:
        revisions = site.arm.container_apps_revisions
        await revisions.activate_revision(GROUP, APP, V41)
        while (await revisions.get_revision(GROUP, APP, V41)).properties.running_state != "Running":
            await asyncio.sleep(1)
        assert asyncio.get_running_loop().time() == pytest.approx(42, abs=1)

    played(scene, "slow-start")


def test_label_histories_and_replicas_are_readable_by_the_sdk() -> None:
    async def scene(site: Site) -> None:
        histories = site.arm.container_apps_label_history
        found = [one async for one in histories.list_label_history(GROUP, APP)]
        assert {one.name for one in found} == {"stable", "candidate"}
        assert found[0].properties.records[0].revision == V41
        replicas = await site.arm.container_apps_revision_replicas.list_replicas(GROUP, APP, V42)
        assert len(replicas.value) == 3

    played(scene, "bad-image")


def test_a_cut_connection_may_have_taken_effect_and_a_refused_one_cannot() -> None:
    async def scene(site: Site) -> None:
        with pytest.raises(ServiceResponseError):
            await site.arm.container_apps.begin_update(GROUP, APP, BACK)
        with pytest.raises(ServiceRequestError):
            await site.arm.container_apps.get(GROUP, APP)
        assert len(site.stage.world.received) == 1
        await asyncio.sleep(12)
        assert await site.who() == V41

    cut = Fault("cut-after", count=1, method="PATCH")
    refused = Fault("refused", count=1, method="GET")
    played(scene, "bad-image", cut, refused)


def test_an_error_reaches_the_sdk_with_its_code() -> None:
    async def scene(site: Site) -> None:
        await site.arm.container_apps.begin_update(GROUP, APP, BACK)
        with pytest.raises(HttpResponseError) as caught:
            await site.arm.container_apps.begin_update(GROUP, APP, BACK)
        assert caught.value.status_code == 409
        assert caught.value.error.code == "ContainerAppOperationInProgress"

    played(scene, "bad-image")


def test_latency_passes_on_the_virtual_clock() -> None:
    async def scene(site: Site) -> None:
        await site.arm.container_apps.get(GROUP, APP)
        assert asyncio.get_running_loop().time() == pytest.approx(30)

    played(scene, "bad-image", Fault("latency", params={"seconds": 30}))


def test_revision_hosts_lead_to_the_service_and_all_others_to_arm() -> None:
    async def scene(site: Site) -> None:
        revision = await site.arm.container_apps_revisions.get_revision(GROUP, APP, V41)
        answer = await site.http.get(f"https://{revision.properties.fqdn}/health")
        assert (answer.status_code, answer.headers["x-revision"]) == (200, V41)
        assert (await site.http.get("https://management.azure.com/subscriptions")).status_code == 401

    played(scene, "healthy")


def test_light_traffic_plays_behind_the_scenes() -> None:
    async def scene(site: Site) -> None:
        playing = asyncio.create_task(site.stage.play_traffic(every_s=1))
        await asyncio.sleep(60.5)
        playing.cancel()
        assert sum(site.stage.world.answered.values()) == 60

    played(scene, "bad-image")


def test_a_virtual_day_takes_no_time() -> None:
    async def main() -> float:
        await asyncio.gather(*(asyncio.sleep(day * 3600) for day in range(25)))
        return asyncio.get_running_loop().time()

    started = time.perf_counter()
    assert run_virtual(main()) == pytest.approx(24 * 3600)
    assert time.perf_counter() - started < 3600


def test_a_timeout_fires_in_virtual_time() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.Event().wait()

    run_virtual(main())


def test_the_virtual_clock_waits_for_work_in_threads() -> None:
    async def main() -> list[str]:
        order: list[str] = []

        async def thread() -> None:
            await asyncio.to_thread(sum, range(1_000_000))
            order.append("thread")

        async def timer() -> None:
            await asyncio.sleep(3600)
            order.append("timer")

        await asyncio.gather(timer(), thread())
        return order

    assert run_virtual(main()) == ["thread", "timer"]


def test_the_virtual_clock_stands_still_while_code_runs() -> None:
    loop = VirtualLoop()
    try:
        assert loop.time() == 0
        loop.run_until_complete(asyncio.sleep(0))
        assert loop.time() == 0
    finally:
        loop.close()
