"""What lies around the app: lists that a first setting-up reads, through the SDKs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httpx
from azure.core.credentials import AccessToken
from azure.mgmt.appcontainers.aio import ContainerAppsAPIClient
from azure.mgmt.cognitiveservices.aio import CognitiveServicesManagementClient
from azure.mgmt.postgresqlflexibleservers.aio import PostgreSQLManagementClient

from console.azure.transport import HttpxTransport
from console.simulator import stage
from console.simulator.loop import run_virtual
from console.simulator.stage import Stage
from console.simulator.transport import SimulatedTransport
from tests.simulator.driving import ACCOUNT, ARM, START, Bench

SUBSCRIPTION = f"/subscriptions/{ACCOUNT.subscription}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/pharmabot-rg"


class Token:
    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("rehearsal", 4_000_000_000)

    async def close(self) -> None:
        pass


def asked(bench: Bench, client: Any, read: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
    """What an SDK client reads from the stage."""

    async def reading() -> Any:
        clock = stage.LoopClock(START)
        http = httpx.AsyncClient(transport=SimulatedTransport(Stage(bench.machine.world, clock)))
        transport = HttpxTransport(http, clock.sleep)
        async with client(Token(), ACCOUNT.subscription, base_url=ARM, transport=transport) as opened:
            return await read(opened)

    return run_virtual(reading())


async def names(pages: AsyncIterator[Any]) -> list[str]:
    return [one.name async for one in pages]


def test_apps_of_the_subscription_come_with_others_than_ours() -> None:
    found = asked(Bench(), ContainerAppsAPIClient, lambda sdk: names(sdk.container_apps.list_by_subscription()))
    assert found == ["pharmabot", "intranet"]


def test_pages_of_one_are_followed_to_the_end() -> None:
    bench = Bench().turn(page_size=1)
    found = asked(bench, ContainerAppsAPIClient, lambda sdk: names(sdk.container_apps.list_by_subscription()))
    assert found == ["pharmabot", "intranet"]
    found = asked(bench, PostgreSQLManagementClient, lambda sdk: names(sdk.servers.list_by_subscription()))
    assert found == ["pharmabot-db", "intranet-db"]


def test_servers_are_listed_by_group_and_say_what_can_be_restored() -> None:
    async def read(sdk: Any) -> list[Any]:
        return [one async for one in sdk.servers.list_by_resource_group("pharmabot-rg")]

    (server,) = asked(Bench(), PostgreSQLManagementClient, read)
    assert server.fully_qualified_domain_name == "pharmabot-db.postgres.database.azure.com"
    assert (server.state, server.backup.backup_retention_days) == ("Ready", 7)
    assert (START - server.backup.earliest_restore_date).days == 7


def test_an_account_tells_its_deployments() -> None:
    async def read(sdk: Any) -> tuple[list[str], list[Any]]:
        accounts = await names(sdk.accounts.list())
        return accounts, [one async for one in sdk.deployments.list("pharmabot-rg", accounts[0])]

    accounts, deployments = asked(Bench(), CognitiveServicesManagementClient, read)
    assert accounts == ["pharmabot-openai"]
    told = {one.name: (one.properties.model.name, one.properties.model.version) for one in deployments}
    assert told["gpt4o-stable"] == ("gpt-4o", "2024-08-06")
    assert {one.properties.version_upgrade_option for one in deployments} == {"NoAutoUpgrade"}


def test_the_apps_own_settings_name_what_belongs_to_it() -> None:
    container = Bench().app()["properties"]["template"]["containers"][0]
    values = [one.get("value", "") for one in container["env"]]
    assert "pharmabot-db.postgres.database.azure.com" in values
    assert "https://pharmabot-openai.openai.azure.com/" in values


def test_the_subscription_its_groups_and_its_providers_are_told() -> None:
    bench = Bench()
    (subscription,) = bench.ask("GET", "/subscriptions").json()["value"]
    assert subscription["subscriptionId"] == ACCOUNT.subscription
    assert bench.ask("GET", SUBSCRIPTION).json() == subscription
    groups = bench.ask("GET", f"{SUBSCRIPTION}/resourcegroups").json()["value"]
    assert [one["name"] for one in groups] == ["pharmabot-rg", "intranet-rg"]
    provider = bench.ask("GET", f"{SUBSCRIPTION}/providers/Microsoft.App").json()
    assert provider["registrationState"] == "Registered"


def test_what_is_not_there_is_not_found() -> None:
    bench = Bench()
    missing = bench.ask("GET", f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/nothing")
    assert (missing.status, missing.json()["error"]["code"]) == (404, "ResourceNotFound")
    elsewhere = bench.ask("GET", f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/intranet-db")
    assert elsewhere.status == 404
    child = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/pharmabot-openai/deployments"
    assert bench.ask("GET", f"{child}/gpt4o-next").json()["name"] == "gpt4o-next"
    assert bench.ask("GET", f"{child}/nothing").status == 404


def test_faults_that_touch_traffic_leave_the_neighbours_alone() -> None:
    bench = Bench()
    bench.fault("move")
    bench.app()
    apps = {one["name"]: one["traffic"] for one in bench.admin("GET", "/state").json()["apps"]}
    assert apps["intranet"] == [{"weight": 100, "latestRevision": True}]
