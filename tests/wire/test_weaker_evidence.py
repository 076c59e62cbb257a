"""What specifications show and users report of PostgreSQL and Azure OpenAI: the simulator says the same."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from azure.mgmt.cognitiveservices.aio import CognitiveServicesManagementClient

from console.simulator.models import catalogue, check_quota
from console.simulator.wire import Refused
from tests.simulator.driving import START, Bench
from tests.wire.recordings import MISSING, folder
from tests.wire.test_sdk_parses import Tape, Token, no_sleep
from tests.wire.test_sdk_parses_neighbours import ReadableTransport, listed, lost

pytestmark = pytest.mark.skipif(not (folder() / "errors-reported-by-users.json").exists(), reason=MISSING)

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/pharmabot-rg/providers"
DEPLOYMENT = f"{GROUP}/Microsoft.CognitiveServices/accounts/pharmabot-openai/deployments/gpt4o-next"
DATABASE = f"{GROUP}/Microsoft.DBforPostgreSQL/flexibleServers/pharmabot-db"
NOT_IN_EXAMPLES = {"ratelimits", "systemData", "etag", "raiPolicyName", "versionUpgradeOption", "capabilities"}


def example(operation: str) -> dict[str, Any]:
    told = json.loads((folder() / "spec-examples-not-recorded.json").read_text())["examples"]
    return next(one for one in told if one["operation"].startswith(operation))


def reported(code: str, use: str) -> dict[str, Any]:
    told = json.loads((folder() / "errors-reported-by-users.json").read_text())["errors"]
    return next(one for one in told if (one["code"], one["use"]) == (code, use))


def client_on(tape: Tape) -> CognitiveServicesManagementClient:
    transport = ReadableTransport(httpx.AsyncClient(transport=httpx.MockTransport(tape)), no_sleep)
    return CognitiveServicesManagementClient(Token(), "s", transport=transport, retry_total=0)


def keys(body: Any) -> set[str]:
    """The names of all members, at any depth."""
    if isinstance(body, list):
        return set().union(*map(keys, body)) if body else set()
    return set(body) | keys(list(body.values())) if isinstance(body, dict) else set()


def test_a_size_is_patched_as_the_specification_shows() -> None:
    shown = example("Deployments_Update")
    given = Bench().ask("PATCH", DEPLOYMENT, shown["request"])
    assert str(given.status) in shown["responses"]
    body = given.json()
    assert body["sku"] == shown["responses"]["200"]["body"]["sku"]
    assert keys(shown["responses"]["200"]["body"]) <= keys(body)
    assert body.keys() - shown["responses"]["200"]["body"].keys() <= NOT_IN_EXAMPLES


async def test_the_sdk_reads_a_patched_deployment_and_models_with_replacements() -> None:
    patched = example("Deployments_Update")["responses"]["200"]["body"]
    models = example("Models_List")["responses"]["200"]["body"]
    async with client_on(Tape(httpx.Response(200, json=patched), httpx.Response(200, json=models))) as client:
        assert lost(patched, await client.deployments.get("group", "account", "deployment")) == set()
        found = await listed(client.models.list("eastus"))
    assert found[0].model.lifecycle_status == "Deprecating"
    assert found[0].model.deprecation.inference == "2025-09-15T00:00:00Z"


def test_offers_have_the_members_that_were_recorded_or_specified() -> None:
    recorded = json.loads((folder() / "cognitive-models-list-location.json").read_text())["exchanges"][0]
    evidence = recorded["response"]["body"], example("Models_List")["responses"]["200"]["body"]
    made_up = {"jsonObjectResponse", "maxContextToken"}
    assert keys(list(catalogue(START))) - made_up <= keys(list(evidence))
    assert keys(recorded["response"]["body"]["value"][0]) - {"completion", "scaleType"} <= keys(
        list(catalogue(START))
    )


def test_a_backup_on_demand_is_accepted_with_the_headers_of_the_specification() -> None:
    shown = example("BackupsAutomaticAndOnDemand_Create")
    given = Bench().ask("PUT", f"{DATABASE}/backups/{shown['request']['backupName']}")
    assert str(given.status) in shown["responses"]
    for name, url in shown["responses"]["202"]["headers"].items():
        assert _form(given.header(name) or "") == _form(url)


def _form(url: str) -> str:
    """The path without what differs from call to call."""
    path = url.partition("?")[0].partition("/providers/")[2]
    return re.sub(r"/locations/[^/]+/(\w+)/[0-9a-f-]+$", r"/locations/*/\1/*", path)


def test_two_writes_at_once_meet_the_conflict_that_users_report() -> None:
    told = reported("RequestConflict", "two deployment writes on one account at once")
    bench = Bench()
    bench.ask("PATCH", DEPLOYMENT, {"sku": {"name": "Standard", "capacity": 31}})
    refused = bench.ask("PATCH", DEPLOYMENT, {"sku": {"name": "Standard", "capacity": 32}})
    problem = refused.json()["error"]
    assert (refused.status, problem["code"]) == (told["status"], told["code"])
    assert re.sub(r"'.*'", "''", problem["message"]) == re.sub(r"'.*'", "''", told["message_as_quoted"])


def test_too_much_capacity_is_refused_in_the_words_that_users_report() -> None:
    told = reported("InsufficientQuota", "deployment PUT above quota")
    world = Bench().turn(model_quota=8).machine.world
    with pytest.raises(Refused) as refused:
        check_quota(world, "gpt-4-turbo", 30, 0, 0)
    problem = refused.value.response.json()["error"]
    assert (refused.value.response.status, problem["code"]) == (told["status"], told["code"])
    assert problem["message"].lower() == told["message_as_quoted"].lower()
