"""Azure OpenAI deployments: a PUT forgets, a model changes by itself, quota and retirement stand in the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.simulator import cognitive
from console.simulator.cognitive_bodies import deployment_body
from console.simulator.wire import Response
from tests.simulator.driving import ACCOUNT, START, Bench

LOCATION = f"/subscriptions/{ACCOUNT.subscription}/providers/Microsoft.CognitiveServices/locations/swedencentral"
NAME = "pharmabot-openai"
OPENAI = (
    f"/subscriptions/{ACCOUNT.subscription}/resourceGroups/pharmabot-rg/providers/Microsoft.CognitiveServices/"
    f"accounts/{NAME}"
)
STABLE, NEXT = f"{OPENAI}/deployments/gpt4o-stable", f"{OPENAI}/deployments/gpt4o-next"


def put(
    bench: Bench, path: str = NEXT, version: str = "2024-08-06", capacity: int = 30, **properties: Any
) -> Response:
    model = {"format": "OpenAI", "name": "gpt-4o", "version": version}
    sku = {"name": "Standard", "capacity": capacity}
    return bench.ask("PUT", path, {"sku": sku, "properties": {"model": model, **properties}})


def served(bench: Bench, name: str = "gpt4o-next") -> tuple[str, str] | None:
    bench.ask("GET", OPENAI)
    return cognitive.deployed_version(bench.machine.world, NAME, name)


def test_another_version_is_creating_for_some_seconds_and_answers_only_then() -> None:
    bench = Bench()
    given = put(bench)
    assert (given.status, given.json()["properties"]["provisioningState"]) == (200, "Creating")
    assert given.header("Azure-AsyncOperation") is given.header("Location") is given.header("Retry-After") is None
    assert given.header("ETag") == given.json()["etag"]
    assert served(bench) == ("gpt-4o", "2024-11-20")
    shown = {one["name"]: one for one in bench.admin("GET", "/state").json()["deployments"]}["gpt4o-next"]
    assert (shown["model"][1], shown["serves"][1]) == ("2024-08-06", "2024-11-20")
    assert bench.wait(11).ask("GET", NEXT).json()["properties"]["provisioningState"] == "Succeeded"
    assert served(bench) == ("gpt-4o", "2024-08-06")


def test_what_a_put_leaves_out_is_lost() -> None:
    bench = Bench()
    before = bench.ask("GET", NEXT).json()
    assert before["properties"]["raiPolicyName"] == "Microsoft.DefaultV2"
    after = put(bench, capacity=5).json()
    assert after["properties"]["versionUpgradeOption"] == "OnceNewDefaultVersionAvailable"
    assert "raiPolicyName" not in after["properties"]
    assert [one["count"] for one in after["properties"]["ratelimits"]] == [5, 5000]
    assert after["etag"] != before["etag"]
    assert after["systemData"]["createdAt"] == before["systemData"]["createdAt"]
    assert after["systemData"]["lastModifiedBy"] == ACCOUNT.caller != before["systemData"]["lastModifiedBy"]


def test_reading_changing_and_writing_everything_keeps_it() -> None:
    bench = Bench()
    whole = bench.ask("GET", NEXT).json()
    model = {**whole["properties"]["model"], "version": "2024-08-06"}
    after = bench.ask("PUT", NEXT, {**whole, "properties": {**whole["properties"], "model": model}}).json()
    for key in ("raiPolicyName", "versionUpgradeOption"):
        assert after["properties"][key] == whole["properties"][key]
    assert after["sku"] == whole["sku"]


def test_a_patch_changes_size_and_tags_and_no_model() -> None:
    bench = Bench()
    model = {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}}
    given = bench.ask("PATCH", NEXT, {"sku": {"capacity": 40}, "tags": {"a": "b"}, "properties": model})
    assert given.status == 200
    body = bench.ask("GET", NEXT).json()
    assert (body["sku"], body["tags"]) == ({"name": "Standard", "capacity": 40}, {"a": "b"})
    assert body["properties"]["model"]["version"] == "2024-11-20"
    assert body["properties"]["ratelimits"][1]["count"] == 40_000


def test_a_capacity_may_be_sent_as_text_and_is_answered_as_a_number() -> None:
    given = Bench().ask("PATCH", NEXT, {"sku": {"name": "Standard", "capacity": "7"}})
    assert given.json()["sku"]["capacity"] == 7


def test_a_shadow_deployment_comes_and_goes() -> None:
    bench = Bench()
    shadow = f"{OPENAI}/deployments/shadow"
    assert put(bench, shadow, capacity=1).status == 201
    assert served(bench, "shadow") is None
    assert served(bench.wait(11), "shadow") == ("gpt-4o", "2024-08-06")
    gone = bench.ask("DELETE", shadow)
    assert (gone.status, gone.body) == (200, b"")
    assert (served(bench, "shadow"), bench.ask("GET", shadow).status) == (None, 404)
    assert bench.ask("DELETE", shadow).status == 204


def test_one_write_at_a_time_on_an_account() -> None:
    bench = Bench()
    put(bench)
    refused = put(bench, STABLE)
    assert (refused.status, refused.json()["error"]["code"]) == (409, "RequestConflict")
    assert OPENAI in refused.json()["error"]["message"]
    assert put(bench.wait(11), STABLE).status == 200


def test_a_quota_is_for_all_deployments_of_a_model() -> None:
    bench = Bench()
    refused = put(bench, capacity=121)
    assert (refused.status, refused.json()["error"]["code"]) == (400, "InsufficientQuota")
    assert "available capacity 90" in refused.json()["error"]["message"]
    assert put(bench, capacity=120).status == 200
    usage = {one["name"]["value"]: one for one in bench.ask("GET", f"{LOCATION}/usages").json()["value"]}
    assert usage["OpenAI.Standard.gpt-4o"]["currentValue"] == usage["OpenAI.Standard.gpt-4o"]["limit"] == 150.0


@pytest.mark.parametrize(
    ("version", "code"), [("2099-01-01", "DeploymentModelNotSupported"), ("0301", "DeploymentModelNotSupported")]
)
def test_a_version_that_is_not_offered_is_refused(version: str, code: str) -> None:
    refused = put(Bench(), version=version)
    assert (refused.status, refused.json()["error"]["code"]) == (400, code)


def test_a_retired_version_is_refused_and_the_list_says_so_before() -> None:
    bench = Bench()
    bench.fault("retire-model", model="gpt-4o", version="2024-08-06")
    refused = put(bench)
    assert (refused.status, refused.json()["error"]["code"]) == (400, "ServiceModelDeprecated")
    listed = bench.ask("GET", f"{OPENAI}/models").json()["value"]
    told = next(one for one in listed if one["version"] == "2024-08-06")
    assert told["lifecycleStatus"] == "Deprecated"
    assert datetime.fromisoformat(told["deprecation"]["inference"]) <= START


def test_a_region_tells_versions_and_when_they_retire() -> None:
    listed = Bench().ask("GET", f"{LOCATION}/models").json()["value"]
    told = {(one["model"]["name"], one["model"]["version"]): one["model"] for one in listed}
    assert told["gpt-4o", "2024-11-20"]["isDefaultVersion"] is True
    ends = datetime.fromisoformat(told["gpt-4o", "2024-05-13"]["deprecation"]["inference"])
    assert timedelta(days=30) < ends - START < timedelta(days=60)
    assert told["gpt-4o", "2024-05-13"]["replacementConfig"]["targetModelName"] == "gpt-4.1"


def test_azure_upgrades_a_deployment_and_nobody_did_it() -> None:
    bench = Bench()
    before, log = bench.ask("GET", STABLE).json(), bench.machine.world.log
    bench.fault("upgrade-model", deployment="gpt4o-stable", version="2024-11-20")
    after = bench.ask("GET", STABLE).json()
    assert (served(bench, "gpt4o-stable"), after["properties"]["model"]["version"]) == (
        ("gpt-4o", "2024-11-20"),
        "2024-11-20",
    )
    assert after["etag"] != before["etag"]
    assert after["systemData"] == before["systemData"]
    assert bench.machine.world.log == log


def test_an_upgrade_without_a_name_spares_what_is_pinned() -> None:
    bench = Bench()
    loose = deployment_body(OPENAI, "loose", "gpt-4o", "2024-08-06", START)
    bench.machine.world = cognitive.with_deployment(bench.machine.world, NAME, loose)
    bench.fault("upgrade-model")
    assert served(bench, "loose") == ("gpt-4o", "2024-11-20")
    assert served(bench, "gpt4o-stable") == ("gpt-4o", "2024-08-06")


def test_older_api_versions_know_less() -> None:
    bench = Bench()
    old = bench.ask("GET", NEXT, version="2022-12-01").json()
    assert not {"sku"} & old.keys()
    assert not {"versionUpgradeOption", "ratelimits"} & old["properties"].keys()
    assert "eTag" in bench.ask("GET", NEXT, version="2021-10-01").json()


def test_an_account_is_made_in_forty_seconds() -> None:
    bench = Bench()
    other = OPENAI.replace(NAME, "other-openai")
    made = bench.ask("PUT", other, {"kind": "OpenAI", "sku": {"name": "S0"}, "location": "eastus", "properties": {}})
    assert (made.status, made.json()["properties"]["provisioningState"]) == (201, "Creating")
    follow = made.header("azure-asyncoperation") or ""
    assert bench.ask("GET", follow).json()["status"] == "Creating"
    assert put(bench, f"{other}/deployments/x", capacity=1).json()["error"]["code"] == "RequestConflict"
    ended = bench.wait(41).ask("GET", follow).json()
    assert (ended["status"], "endTime" in ended) == ("Succeeded", True)
    assert bench.ask("GET", other).json()["properties"]["provisioningState"] == "Succeeded"
    assert put(bench, f"{other}/deployments/x", capacity=1).status == 201


def test_where_there_is_no_account_there_is_no_deployment() -> None:
    bench = Bench()
    refused = put(bench, f"{OPENAI}-not/deployments/x")
    assert (refused.status, refused.json()["error"]["code"]) == (404, "ParentResourceNotFound")
    assert bench.ask("PATCH", f"{OPENAI}/deployments/x", {"sku": {"capacity": 1}}).status == 404


WORDS = ["sku", "capacity", "model", "name", "version", "properties", "tags", "raiPolicyName"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.text(max_size=5) | st.just("gpt-4o"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(method=st.sampled_from(["PATCH", "PUT"]), sent=st.dictionaries(st.sampled_from(WORDS), JSON))
def test_no_body_however_strange_breaks_a_deployment(method: str, sent: dict[str, Any]) -> None:
    bench = Bench()
    assert bench.ask(method, NEXT, sent).status in (200, 400)
    assert bench.wait(60).ask("GET", NEXT).status == 200
