"""Who may do what: three identities by their tokens, and how ARM tells them."""

from __future__ import annotations

import pytest

from tests.simulator.driving import PHARMABOT, V41, V42, Bench, named

READER, NOBODY = "rehearsal-reader", "rehearsal-nobody"
SUBSCRIPTION = PHARMABOT.split("/resourceGroups")[0]
PERMISSIONS = "/providers/Microsoft.Authorization/permissions"
BACK = {"properties": {"configuration": {"ingress": {"traffic": [named(V41, 100), named(V42, 0)]}}}}
WRITES = [
    ("PATCH", "", "Microsoft.App/containerApps/write"),
    ("PUT", "", "Microsoft.App/containerApps/write"),
    ("DELETE", "", "Microsoft.App/containerApps/delete"),
    ("POST", "/listSecrets", "Microsoft.App/containerApps/listSecrets/action"),
    ("POST", f"/revisions/{V41}/activate", "Microsoft.App/containerApps/revisions/activate/action"),
    ("POST", f"/revisions/{V42}/deactivate", "Microsoft.App/containerApps/revisions/deactivate/action"),
]
LISTS = [
    "/subscriptions",
    f"{SUBSCRIPTION}/resourceGroups",
    f"{SUBSCRIPTION}/providers/Microsoft.App/containerApps",
    f"{SUBSCRIPTION}/resourceGroups/pharmabot-rg/providers/Microsoft.App/containerApps",
    f"{SUBSCRIPTION}/providers/Microsoft.DBforPostgreSQL/flexibleServers",
    f"{SUBSCRIPTION}/providers/Microsoft.CognitiveServices/accounts",
]


@pytest.mark.parametrize(("method", "below", "action"), WRITES)
def test_a_reader_is_told_the_action_of_every_write_it_may_not_do(method: str, below: str, action: str) -> None:
    bench = Bench()
    refused = bench.ask(method, PHARMABOT + below, BACK, token=READER)
    error = refused.json()["error"]
    assert (refused.status, error["code"]) == (403, "AuthorizationFailed")
    assert f"action '{action}' over scope '{PHARMABOT}'" in error["message"]
    assert "client '44444444-" in error["message"]
    assert "object id '55555555-" in error["message"]
    assert bench.app()["properties"]["provisioningState"] == "Succeeded"


def test_a_reader_reads_everything() -> None:
    bench = Bench()
    below = ["", "/revisions", f"/revisions/{V41}", f"/revisions/{V41}/replicas", "/labelHistories", PERMISSIONS]
    assert {bench.ask("GET", PHARMABOT + path, token=READER).status for path in below} == {200}
    assert all(bench.ask("GET", path, token=READER).json()["value"] for path in LISTS)


@pytest.mark.parametrize("path", LISTS)
def test_nobody_sees_lists_with_nothing_in_them(path: str) -> None:
    listed = Bench().ask("GET", path, token=NOBODY)
    assert (listed.status, listed.json()) == (200, {"value": []})


def test_nobody_is_refused_whatever_it_asks_for_by_name() -> None:
    bench = Bench()
    paths = ["", "/revisions", f"/revisions/{V41}", PERMISSIONS]
    refused = [bench.ask("GET", PHARMABOT + path, token=NOBODY) for path in paths]
    assert {one.status for one in refused} == {403}
    assert "action 'Microsoft.App/containerApps/read'" in refused[0].json()["error"]["message"]
    server = f"{SUBSCRIPTION}/resourceGroups/pharmabot-rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/x"
    assert bench.ask("GET", server, token=NOBODY).status == 403


@pytest.mark.parametrize(("token", "actions"), [("rehearsal", ["*"]), (READER, ["*/read"])])
def test_permissions_list_what_is_allowed(token: str, actions: list[str]) -> None:
    bench = Bench()
    for scope in (PHARMABOT, SUBSCRIPTION, PHARMABOT.split("/providers")[0]):
        (granted,) = bench.ask("GET", scope + PERMISSIONS, token=token).json()["value"]
        assert (granted["actions"], granted["notActions"]) == (actions, [])


def test_a_forbidden_action_is_taken_from_everybody_and_listed() -> None:
    bench = Bench()
    bench.fault("forbidden", action="Microsoft.App/containerApps/read")
    assert bench.ask("GET").status == 403
    assert [one["name"] for one in bench.ask("GET", LISTS[0]).json()["value"] if "name" in one] == []
    assert bench.ask("GET", LISTS[2]).json() == {"value": []}
    (granted,) = bench.ask("GET", PHARMABOT + PERMISSIONS).json()["value"]
    assert granted["notActions"] == ["Microsoft.App/containerApps/read"]
