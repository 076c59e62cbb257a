"""PATCH merges, PUT replaces and forgets, one write at a time."""

from __future__ import annotations

from typing import Any

import pytest

from console.simulator.wire import Request
from tests.simulator.driving import ARM, NEWEST, PHARMABOT, V40, V41, V42, Bench, named


def test_a_patch_is_accepted_without_a_body_and_with_two_long_urls() -> None:
    answer = Bench().shift(named(V42, 0), named(V41, 100))
    assert (answer.status, answer.body, answer.header("Content-Type")) == (202, b"", None)
    assert "/containerappOperationResults/" in (answer.header("Location") or "")
    operation = answer.header("Azure-AsyncOperation") or ""
    assert "/containerappOperationStatuses/" in operation
    assert "azureAsyncOperation=true" in operation
    assert 3000 < len(operation) < 4000
    assert answer.header("Retry-After") is None


def test_the_app_shows_new_traffic_at_once_and_the_service_obeys_later() -> None:
    bench = Bench()
    write = bench.shift(named(V42, 0), named(V41, 100))
    assert bench.traffic() == [named(V42, 0), named(V41, 100)]
    assert bench.app()["properties"]["provisioningState"] == "InProgress"
    assert bench.revisions()[V41]["trafficWeight"] == 100
    assert bench.who() == {V42: 200}
    assert bench.wait(8).who() == {V41: 200}
    assert bench.status_of(write) == "InProgress"
    assert bench.wait(4).status_of(write) == "Succeeded"
    assert bench.app()["properties"]["provisioningState"] == "Succeeded"


def test_the_traffic_array_is_replaced_whole() -> None:
    bench = Bench()
    bench.shift(named(V41, 100))
    assert bench.traffic() == [named(V41, 100)]


def test_weights_may_be_strings_and_a_false_latest_revision_is_dropped() -> None:
    bench = Bench()
    bench.shift({"weight": "50", "latestRevision": True}, {**named(V41, "50", "stable"), "latestRevision": False})
    assert bench.traffic() == [{"weight": 50, "latestRevision": True}, named(V41, 50, "stable")]


def test_weight_on_an_inactive_revision_is_accepted_and_does_not_wake_it() -> None:
    bench = Bench()
    write = bench.shift(named(V42, 75), named(V40, 25))
    assert write.status == 202
    revision = bench.wait(20).revisions()[V40]
    assert bench.status_of(write) == "Succeeded"
    assert (revision["active"], revision["replicas"], revision["trafficWeight"]) == (False, 0, 25)


@pytest.mark.parametrize(
    "entries",
    [
        [named(V42, 50), named(V41, 40)],
        [named(V42, 150), named(V41, -50)],
        [named("pharmabot--v1", 100)],
        [named(V42, "many")],
        ["v41=100"],
    ],
)
def test_impossible_traffic_is_refused_and_changes_nothing(entries: list[Any]) -> None:
    bench = Bench()
    before = bench.traffic()
    assert bench.shift(*entries).status == 400
    assert bench.traffic() == before


def test_a_second_write_meets_the_first_one() -> None:
    bench = Bench()
    first = bench.shift(named(V41, 100))
    second = bench.wait(3).shift(named(V42, 100))
    assert second.status == 409
    assert second.json()["error"]["code"] == "ContainerAppOperationInProgress"
    identity = (first.header("Location") or "").split("Results/")[1].split("?")[0]
    assert identity in second.json()["error"]["message"]
    assert bench.act(V40, "activate").status == 409
    assert bench.wait(9).shift(named(V42, 100)).status == 202


def test_a_patch_of_the_template_makes_a_numbered_revision() -> None:
    bench = Bench()
    write = bench.deploy("1.5.1")
    assert bench.wait(13).status_of(write) == "Succeeded"
    properties = bench.app()["properties"]
    assert properties["latestRevisionName"] == "pharmabot--0000042"
    assert properties["latestReadyRevisionName"] == V42
    new = bench.revisions()["pharmabot--0000042"]
    assert (new["active"], new["replicas"], new["healthState"]) == (True, 1, "None")
    assert (new["provisioningState"], new["runningState"]) == ("Provisioned", "Activating")
    new = bench.wait(6).revisions()["pharmabot--0000042"]
    assert (new["healthState"], new["runningState"]) == ("Healthy", "Running")
    assert bench.app()["properties"]["latestReadyRevisionName"] == "pharmabot--0000042"


def test_the_configured_weight_moves_to_the_latest_before_it_is_ready() -> None:
    bench = Bench()
    bench.shift({"weight": 100, "latestRevision": True})
    bench.wait(12).deploy("1.5.1")
    revisions = bench.wait(13).revisions()
    assert revisions["pharmabot--0000042"]["trafficWeight"] == 100
    assert revisions["pharmabot--0000042"]["runningState"] == "Activating"
    assert revisions[V42]["trafficWeight"] == 0
    assert bench.who() == {V42: 200}


def test_an_identical_template_makes_no_revision() -> None:
    bench = Bench()
    containers = bench.app()["properties"]["template"]["containers"]
    template = {"containers": containers, "revisionSuffix": None}
    write = bench.patch({"template": template, "configuration": {"maxInactiveRevisions": 50}})
    assert bench.wait(13).status_of(write) == "Succeeded"
    assert list(bench.revisions()) == [V40, V41, V42]
    assert bench.app()["properties"]["configuration"]["maxInactiveRevisions"] == 50


def test_a_suffix_alone_makes_a_revision_that_keeps_everything_else() -> None:
    bench = Bench()
    bench.patch({"template": {"revisionSuffix": "again"}})
    copy = bench.wait(30).revisions()["pharmabot--again"]
    assert copy["template"] == bench.revisions()[V42]["template"]
    assert bench.ask("POST", f"{PHARMABOT}/listSecrets").json()["value"]


def test_a_suffix_that_is_taken_is_refused() -> None:
    refused = Bench().deploy("1.5.1", revisionSuffix="v41")
    assert (refused.status, refused.json()["error"]["code"]) == (400, "ContainerAppRevisionSuffixInUse")


def test_an_old_template_patched_back_makes_a_copy_of_the_old_revision() -> None:
    bench = Bench()
    bench.patch({"template": bench.revisions()[V41]["template"]})
    copy = bench.wait(30).revisions()["pharmabot--0000042"]
    assert copy["template"]["containers"][0]["image"].endswith(":1.4.1")


def test_a_put_forgets_what_it_leaves_out() -> None:
    bench = Bench()
    app = bench.app()
    properties = app["properties"]
    del properties["configuration"]["maxInactiveRevisions"]
    properties["configuration"]["secrets"] = bench.ask("POST", f"{PHARMABOT}/listSecrets").json()["value"]
    properties["configuration"]["ingress"]["traffic"] = None
    answer = bench.ask("PUT", body=app)
    assert answer.status == 201
    assert answer.header("x-ms-async-operation-timeout") == "PT15M"
    assert answer.header("Location") is None
    body = answer.json()["properties"]
    assert body["provisioningState"] == "InProgress"
    assert "latestRevisionName" not in body
    assert answer.json()["systemData"]["lastModifiedAt"].endswith("Z")
    assert bench.wait(12).app()["properties"]["configuration"]["maxInactiveRevisions"] is None
    assert bench.traffic() == [{"weight": 100, "latestRevision": True}]


def test_a_put_of_what_was_read_is_refused_for_its_secrets() -> None:
    bench = Bench()
    refused = bench.ask("PUT", body=bench.app())
    assert (refused.status, refused.json()["error"]["code"]) == (400, "ContainerAppSecretInvalid")


def test_a_put_without_the_secret_of_its_registry_is_refused() -> None:
    bench = Bench()
    app = bench.app()
    configuration = app["properties"]["configuration"]
    configuration["secrets"] = None
    configuration["registries"] = [{"server": "x.azurecr.io", "username": "x", "passwordSecretRef": "gone"}]
    error = bench.ask("PUT", body=app).json()["error"]
    assert error["code"] == "ContainerAppRegistriesPasswordSecretRefNotFound"


def test_a_put_creates_an_app() -> None:
    bench = Bench()
    container = {"image": "nginx", "name": "web", "command": None, "resources": None}
    body = {
        "location": "eastus",
        "properties": {
            "environmentId": "/environments/e",
            "configuration": {"activeRevisionsMode": "multiple", "ingress": {"external": True, "targetPort": 80}},
            "template": {"containers": [container], "scale": None},
        },
    }
    path = PHARMABOT.replace("containerApps/pharmabot", "containerApps/web")
    sent = bench.ask("PUT", path, body).json()
    assert sent["location"] == "East US"
    assert sent["properties"]["configuration"]["maxInactiveRevisions"] == 100
    assert sent["properties"]["configuration"]["ingress"]["traffic"] is None
    assert sent["properties"]["template"]["containers"] == [
        {"image": "nginx", "imageType": "CloudBuild", "name": "web"}
    ]
    settled = bench.wait(13).ask("GET", path).json()["properties"]
    assert settled["latestRevisionName"] == settled["latestReadyRevisionName"]
    assert len(settled["latestRevisionName"]) == len("web--r9qmonu")
    assert settled["configuration"]["ingress"]["traffic"] == [{"weight": 100, "latestRevision": True}]
    assert settled["template"]["scale"]["maxReplicas"] == 10


def test_a_deletion_ends_with_no_content_and_no_app() -> None:
    bench = Bench()
    write = bench.ask("DELETE")
    assert write.status == 202
    location = write.header("Location") or ""
    assert bench.ask("GET", location).status == 202
    assert bench.wait(18).ask("GET", location).status == 204
    assert bench.ask("GET").status == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"properties": 3}', b'{"properties": {"template": []}}'])
def test_a_body_that_is_no_document_is_refused(body: bytes) -> None:
    bench = Bench()
    url = f"{ARM}{PHARMABOT}?api-version={NEWEST}"
    refused = bench.send(Request("PATCH", url, {"Authorization": "Bearer x"}, body))
    assert (refused.status, refused.json()["error"]["code"]) == (400, "InvalidRequestContent")
