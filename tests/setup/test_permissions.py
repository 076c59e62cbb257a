"""What a list of permissions allows, and that the roles we hand out are what the console does, no less, no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import httpx
import pytest

from console.azure.action_client import ActionClient
from console.azure.credentials import Identity, RehearsalCredential
from console.azure.permissions import Grant, Permissions, permitted_actions
from console.azure.read_client import ReadClient
from console.clock import SystemClock
from console.config import AzureSettings
from console.domain.failure import Failure, FailureKind
from console.domain.traffic import TrafficEntry
from console.setup.features import FEATURES, OPERATOR, READER, ROLES, grant, role_definition
from console.simulator.permissions import action_of

WRITE = "Microsoft.App/containerApps/write"
REVISIONS = "Microsoft.App/containerApps/revisions/read"
APP = "/subscriptions/s/resourceGroups/g/providers/Microsoft.App/containerApps/bot"


@pytest.mark.parametrize(
    ("actions", "not_actions", "asked", "allowed"),
    [
        (["*"], [], WRITE, True),
        (["*/read"], [], WRITE, False),
        (["*/read"], [], REVISIONS, True),
        (["microsoft.app/containerapps/write"], [], WRITE, True),
        (["Microsoft.App/containerApps/*"], [], REVISIONS, True),
        (["Microsoft.App/containerApps/*/read"], [], "Microsoft.App/containerApps/read", False),
        (["Microsoft.App/containerApps/*/read"], [], REVISIONS, True),
        (["Microsoft.App/*/activate/action"], [], "Microsoft.App/containerApps/revisions/activate/action", True),
        (["*"], ["Microsoft.App/*/write"], WRITE, False),
        (["*"], ["Microsoft.App/containerApps/delete"], WRITE, True),
        (["*"], ["*"], REVISIONS, False),
        (["Microsoft.App/containerApp?/write"], [], WRITE, False),
        (["Microsoft.App/containerApps/writ[e]"], [], WRITE, False),
        (["Microsoft.App/containerApps/write.*"], [], WRITE, False),
        (["write"], [], WRITE, False),
        ([], [], WRITE, False),
        ([""], [], WRITE, False),
    ],
)
def test_wildcards_and_not_actions(actions: list[str], not_actions: list[str], asked: str, allowed: bool) -> None:
    assert Grant(tuple(actions), tuple(not_actions)).allows(asked) is allowed


def test_what_one_role_takes_back_another_may_give() -> None:
    contributor = Grant(("*",), (WRITE,))
    assert not Permissions((contributor,)).allows(WRITE)
    assert Permissions((contributor, Grant((WRITE,)))).allows(WRITE)


class Listed:
    """Answers a list without any Azure."""

    def __init__(self, *entries: Mapping[str, Any]) -> None:
        self.entries = entries
        self.asked = ""

    async def listed(self, path: str, version: str, resource: str) -> tuple[Mapping[str, Any], ...]:
        self.asked = path
        return self.entries


async def test_the_list_is_read_as_azure_writes_it_and_strange_entries_give_nothing() -> None:
    lists = Listed({"actions": ["*/read"], "notActions": None}, {"actions": [7, None, WRITE]}, {"dataActions": ["*"]})
    permissions = await permitted_actions(lists, APP)
    assert lists.asked == f"{APP}/providers/Microsoft.Authorization/permissions"
    assert permissions.allows(WRITE)
    assert permissions.allows(REVISIONS)
    assert not permissions.allows("Microsoft.App/containerApps/delete")


def written(role: str) -> dict[str, Any]:
    text = files("runbooks").joinpath("roles", f"{role}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gives_what_doctor_checks_and_nothing_else(role: str) -> None:
    body = written(role)
    given = Grant(tuple(body["Actions"]), tuple(body["NotActions"]))
    needed = {one.action for one in FEATURES if role == OPERATOR or one.role == READER}
    assert {action for action in needed if not given.allows(action)} == set()
    also = {"Microsoft.App/locations/containerappOperationResults/read"}
    idle = [one for one in body["Actions"] if not any(Grant((one,)).allows(need) for need in needed | also)]
    assert idle == []
    assert body["Name"] == ROLES[role]
    assert body["IsCustom"] is True
    assert body["DataActions"] == body["NotDataActions"] == []


def test_a_reader_changes_nothing_and_an_operator_neither_deletes_nor_sees_secrets() -> None:
    reader, operator = (Grant(tuple(written(role)["Actions"])) for role in (READER, OPERATOR))
    writes = [one.action for one in FEATURES if one.writes and not one.action.endswith("/read")]
    assert writes
    assert not any(reader.allows(action) for action in writes)
    for action in ("delete", "listSecrets/action", "revisions/restart/action", "getAuthtoken/action"):
        assert not operator.allows(f"Microsoft.App/containerApps/{action}")
    assert not operator.allows("Microsoft.Authorization/roleAssignments/write")


def test_a_role_is_assignable_where_the_app_lives() -> None:
    assert role_definition(READER, APP)["AssignableScopes"] == ["/subscriptions/s"]
    assert role_definition(OPERATOR)["AssignableScopes"] == written(OPERATOR)["AssignableScopes"]


async def test_everything_the_clients_send_is_a_feature_that_doctor_checks() -> None:
    sent: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append((request.method, request.url.path))
        if request.method == "PATCH":
            return httpx.Response(202, headers={"Azure-AsyncOperation": "https://management.azure.com/o"})
        labelled = {"ingress": {"traffic": [{"weight": 100, "label": "stable", "revisionName": "bot--1"}]}}
        body: dict[str, Any] = {"name": "bot", "value": [], "properties": {"configuration": labelled}}
        return httpx.Response(200, json=body if request.method == "GET" else "done")

    settings = AzureSettings(subscription="s", resource_group="g", credential="cli")
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        parts = (settings, "bot", RehearsalCredential(), http, SystemClock())
        reader, actions = ReadClient(*parts), ActionClient(*parts)
        await reader.code_state()
        await reader.revision("bot--1")
        await reader.allows(WRITE)
        await reader.requests_since(SystemClock().now())
        await actions.set_traffic([TrafficEntry(100, "bot--1")])
        await actions.activate("bot--1")
        await actions.deactivate("bot--1")
    used = {action_of(method, tuple(path.removeprefix(APP).strip("/").split("/"))) for method, path in sent}
    used = {one.replace("containerApps//", "containerApps/") for one in used}
    checked = {one.action for one in FEATURES} - {"Microsoft.App/locations/containerappOperationStatuses/read"}
    assert {one.lower() for one in used} == {one.lower() for one in checked}


async def test_allows_is_none_where_azure_does_not_say() -> None:
    settings = AzureSettings(subscription="s", resource_group="g", credential="cli")
    refusal = {"error": {"code": "AuthorizationFailed", "message": "no"}}
    transport = httpx.MockTransport(lambda request: httpx.Response(403, json=refusal))
    async with httpx.AsyncClient(transport=transport) as http:
        reader = ReadClient(settings, "bot", RehearsalCredential(), http, SystemClock())
        assert await reader.allows(WRITE) is None
        with pytest.raises(Failure) as told:
            await permitted_actions(reader.arm, APP)
        assert told.value.kind is FailureKind.NOT_ALLOWED


async def test_a_long_list_is_read_to_its_end_and_no_token_follows_it_to_another_host() -> None:
    hosts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        if "page" in request.url.params:
            return httpx.Response(200, json={"value": [{"actions": [WRITE]}], "nextLink": "https://evil.example/3"})
        more = f"https://management.azure.com{request.url.path}?page=2"
        return httpx.Response(200, json={"value": [{"actions": [REVISIONS]}], "nextLink": more})

    settings = AzureSettings(subscription="s", resource_group="g", credential="cli")
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        reader = ReadClient(settings, "bot", RehearsalCredential(), http, SystemClock())
        assert await reader.allows(WRITE) is None
    assert hosts == ["management.azure.com", "management.azure.com"]


def test_the_commands_that_mend_are_whole_and_safe_to_paste() -> None:
    feature = next(one for one in FEATURES if one.id == "shift-traffic")
    person = Identity("alice@contoso.example", "0f0f", is_person=True)
    told = grant(feature, person, f"{APP}; rm -rf ~", "rollback-console").splitlines()
    assert told[-1] == (
        "az role assignment create --assignee-object-id 0f0f --assignee-principal-type User "
        f"--role 'Rollback Console Operator' --scope '{APP}; rm -rf ~'"
    )
    assert "ServicePrincipal" in grant(feature, Identity("ci", "0f0f"), APP, "rollback-console")
