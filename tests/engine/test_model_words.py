"""What Azure tells of deployments as our words: hostile text, what a write keeps, what serves, what is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from console.azure import cognitive_shapes as shapes
from console.azure.cognitive import OFFERS_S, CognitiveReader
from console.azure.cognitive_actions import CognitiveActions
from console.azure.credentials import RehearsalCredential
from console.azure.metrics import account_429_share, answered_versions
from console.clock import SystemClock
from console.config.settings import AzureSettings
from console.domain.deploying import Shape, differences, merged, shadow
from console.domain.failure import Failure, FailureKind
from console.domain.good import History, Mark
from console.domain.model import ModelState, Offer
from console.layers.model.facets import of, trouble
from console.layers.model.goal import known_bad
from console.steps import revive
from console.steps.new_env_revision import with_env
from console.steps.set_deployment import SetDeployment

NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
ACCOUNT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
AZURE = AzureSettings(subscription="s", resource_group="g", credential="cli")


def body(name: str = "gpt4o-stable", version: str = "2024-11-20", **properties: Any) -> dict[str, Any]:
    """A deployment as Azure writes it, with what nobody knows yet."""
    return {
        "id": f"{ACCOUNT}/deployments/{name}",
        "type": "Microsoft.CognitiveServices/accounts/deployments",
        "name": name,
        "sku": {"name": "Standard", "capacity": 30},
        "tags": {"team": "bots"},
        "properties": {
            "model": {"format": "OpenAI", "name": "gpt-4o", "version": version, "source": "registry"},
            "versionUpgradeOption": "OnceNewDefaultVersionAvailable",
            "raiPolicyName": "Strict",
            "spilloverDeploymentName": "gpt4o-spill",
            "somethingNew": {"kept": True},
            "capabilities": {"chatCompletion": "true"},
            "provisioningState": "Succeeded",
            "ratelimits": [
                {"key": "request", "renewalPeriod": 10, "count": 30},
                {"key": "token", "renewalPeriod": 60, "count": 30000},
            ],
        }
        | properties,
        "systemData": {
            "createdAt": "2026-01-01T00:00:00.1234567Z",
            "lastModifiedBy": "alice",
            "lastModifiedAt": "2026-02-01T00:00:00Z",
        },
        "etag": '"one"',
    }


def state(*bodies: dict[str, Any], **fields: Any) -> ModelState:
    deployments = shapes.deployments(bodies, ())
    return ModelState("a", "swedencentral", deployments, at=NOW, **fields)


def test_a_write_sends_everything_but_what_azure_only_tells() -> None:
    own = shapes.deployment(body(), True)
    sent = merged(own, replace(Shape.of(own), version="2024-08-06", upgrade="NoAutoUpgrade"))
    assert sent == {
        "sku": {"name": "Standard", "capacity": 30},
        "tags": {"team": "bots"},
        "properties": {
            "model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06", "source": "registry"},
            "versionUpgradeOption": "NoAutoUpgrade",
            "raiPolicyName": "Strict",
            "spilloverDeploymentName": "gpt4o-spill",
            "somethingNew": {"kept": True},
        },
    }


def test_what_was_not_kept_is_not_written() -> None:
    own = replace(shapes.deployment(body(), True), body="")
    with pytest.raises(ValueError, match="was not kept"):
        merged(own, Shape.of(own))


def test_an_identity_names_all_that_matters_and_reads_back() -> None:
    own = shapes.deployment(body(), True)
    assert own.identity == "gpt-4o 2024-11-20 Standard 30 - Strict spillover=gpt4o-spill"
    assert Shape.from_identity(own.identity) == replace(Shape.of(own), upgrade="")
    assert replace(own, upgrade="NoAutoUpgrade").identity == own.identity
    bare = shapes.deployment(body() | {"sku": None, "properties": {"model": {"name": "ada"}}}, True)
    assert Shape.from_identity(bare.identity) == Shape("ada", "", "", None, "", "")
    assert Shape.from_identity("gpt-4o 2024-11-20") is None


def test_hostile_text_is_made_visible_and_odd_answers_are_read() -> None:
    found = shapes.deployment(body("evil\x1b[2J", "1\u202e2", ratelimits=None), True)
    assert (found.name, found.version) == ("evil\\x1b[2J", "1\\u202e2")
    assert found.tokens_per_min is None
    assert shapes.deployment({}, True).identity == "- - - - - -"
    offers = shapes.offers(
        [{"model": {"name": "m\x07", "version": "1", "skus": [3, {"name": "Standard"}]}}, {"name": "m2"}]
    )
    assert [(one.model, one.skus) for one in offers] == [("m\\x07", ("Standard",)), ("m2", ())]


def test_only_what_is_called_serves_beside_another_of_its_model() -> None:
    everything = state(body("gpt4o-next"), body("gpt4o-stable"), body("embed", model={"name": "embed-3"}))
    assert [one.item for one in of(everything)] == ["embed", "gpt4o-next", "gpt4o-stable"]
    called = replace(everything, env="AOAI", calls=(("v42", "GPT4o-Next"),))
    assert [one.item for one in of(called)] == ["embed", "gpt4o-next"]


def test_what_a_look_at_the_account_shows_to_be_wrong() -> None:
    assert trouble(state(body())) == ""
    assert trouble(state(body(), calls=(("v42", "gone"),))) == "v42 calls gone, which a does not have"
    assert trouble(state(body(provisioningState="Failed"))) == "Azure calls gpt4o-stable Failed"
    retired = Offer("gpt-4o", "2024-11-20", retires=NOW - timedelta(days=2))
    assert trouble(state(body(), offers=(retired,))) == "gpt4o-stable: gpt-4o 2024-11-20 is retired since 19 Nov 2026"


def test_what_was_rolled_away_from_is_known_bad_in_any_size() -> None:
    mark = Mark("gpt4o gpt-4o 2024-11-20 Standard 30 NoAutoUpgrade Strict", False, "run 3", NOW, "rolled away from")
    history = History({mark.version: mark})
    assert known_bad(history, "gpt4o", "gpt-4o 2024-11-20")
    assert not known_bad(history, "gpt4o", "gpt-4o 2024-11-2")
    assert not known_bad(history, "gpt4o-next", "gpt-4o 2024-11-20")


def test_a_step_crosses_into_another_process_as_data() -> None:
    own = shapes.deployment(body(), True)
    step = SetDeployment("a", own.name, Shape.of(own), replace(Shape.of(own), version="1"), own.etag, "az")
    record = step.record()
    assert revive(replace(record, body=json.loads(json.dumps(record.body)))) == step


def test_differences_are_told_in_words() -> None:
    own = shapes.deployment(body(), True)
    assert differences(own, Shape.of(own)) == ()
    told = differences(own, Shape("gpt-4o", "2024-08-06", "Standard", 10, "NoAutoUpgrade", ""))
    assert told == (
        "it runs gpt-4o 2024-11-20, not gpt-4o 2024-08-06",
        "its upgrade option is OnceNewDefaultVersionAvailable, not NoAutoUpgrade",
        "its size is Standard 30, not Standard 10",
        "its content filter is Strict, not the default",
    )


def test_an_env_is_changed_where_it_stands_and_nowhere_else() -> None:
    template = {
        "containers": [
            {"name": "side", "env": [{"name": "OTHER", "value": "1"}]},
            {"name": "app", "env": [{"name": "AOAI", "value": "old"}, {"name": "KEY", "secretRef": "k"}]},
        ]
    }
    changed = with_env(template, (("AOAI", "old", "new"), ("KEY", "secretref:k", "secretref:k2"), ("ADDED", "", "x")))
    assert changed["containers"][1]["env"] == [{"name": "AOAI", "value": "new"}, {"name": "KEY", "secretRef": "k2"}]
    assert changed["containers"][0]["env"] == [{"name": "OTHER", "value": "1"}, {"name": "ADDED", "value": "x"}]
    assert template["containers"][1]["env"][0] == {"name": "AOAI", "value": "old"}
    with pytest.raises(Failure, match="nothing was sent"):
        with_env(template, (("AOAI", "moved", "new"),))


def test_a_shadow_has_our_tag_and_the_same_filter() -> None:
    sent = shadow(shapes.deployment(body(), True), "2024-08-06", 5)
    assert sent["tags"] == {"rollback-console-shadow": "gpt4o-stable"}
    assert sent["properties"]["raiPolicyName"] == "Strict"
    assert shapes.deployment({"name": "x", **sent}, False).shadow_of == "gpt4o-stable"


class Account:
    """An account that answers from what it is given, and keeps what it was asked."""

    def __init__(self, **answers: httpx.Response) -> None:
        self.answers, self.asked = answers, []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        last = request.url.path.rpartition("/")[2]
        self.asked.append((request.method, last))
        return self.answers.get(last, httpx.Response(200, json={"value": [body()] if last == "deployments" else []}))


def reader_of(account: Account, http: httpx.AsyncClient, *watched: str) -> CognitiveReader:
    return CognitiveReader(AZURE, "g", "a", watched, RehearsalCredential(), http, SystemClock())


async def test_offers_are_asked_seldom_and_their_absence_leaves_the_rest() -> None:
    refusal = {"error": {"code": "AuthorizationFailed", "message": "no"}}
    account = Account(models=httpx.Response(403, json=refusal))
    async with httpx.AsyncClient(transport=httpx.MockTransport(account)) as http:
        reader = reader_of(account, http)
        found = await reader.state()
        assert [one.name for one in found.deployments] == ["gpt4o-stable"]
        assert found.unread.startswith("which versions may be deployed could not be read: Not allowed")
        account.answers.clear()
        assert (await reader.state()).unread == ""
        await reader.state()
        assert sum(name == "models" for _, name in account.asked) == 2
        assert OFFERS_S > 60


async def test_a_configured_deployment_that_does_not_exist_is_said() -> None:
    account = Account()
    async with httpx.AsyncClient(transport=httpx.MockTransport(account)) as http:
        found = await reader_of(account, http, "gone", "gpt4o-stable").state()
        assert found.unread == "a has no deployment gone"
        assert found.deployments[0].watched


@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        (409, "RequestConflict", FailureKind.CONFLICT, "another write on the account is under way; nothing changed."),
        (
            400,
            "InsufficientQuota",
            FailureKind.REJECTED,
            "the subscription's quota does not suffice; nothing changed.",
        ),
        (400, "ServiceModelDeprecated", FailureKind.REJECTED, "that version is retired; nothing changed."),
        (500, "InsufficientQuota", FailureKind.UNKNOWN, "Azure answered 500 after the request"),
    ],
)
async def test_a_refusal_is_told_as_what_it_means(status: int, code: str, kind: FailureKind, said: str) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, json={"error": {"code": code, "message": "Azure's own words"}})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        actions = CognitiveActions(AZURE, "g", "a", RehearsalCredential(), http, SystemClock())
        with pytest.raises(Failure) as told:
            await actions.put("gpt4o-stable", {"properties": {}})
    assert told.value.kind is kind
    assert told.value.sentence.startswith(said)
    assert len(asked) == 1


async def test_what_is_put_is_exactly_what_was_given() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        status = 201 if request.method == "PUT" else 200
        return httpx.Response(status, json=body(), headers={"Azure-AsyncOperation": "https://evil.example/poll"})

    given = {"sku": {"name": "Standard", "capacity": 3}, "properties": {"somethingNew": [1, {"a": None}]}}
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        actions = CognitiveActions(AZURE, "g", "a", RehearsalCredential(), http, SystemClock())
        await actions.put("gpt4o-stable", given)
        await actions.delete("gpt4o-stable")
    assert [one.method for one in asked] == ["PUT", "DELETE"]
    assert json.loads(asked[0].content) == given
    assert asked[0].headers["content-type"] == "application/json"


def test_the_share_of_429s_counts_whole_minutes_since() -> None:
    def series(status: str, *totals: int) -> dict[str, Any]:
        data = [{"timeStamp": f"2026-11-21T03:1{minute}:00Z", "total": total} for minute, total in enumerate(totals)]
        return {"metadatavalues": [{"name": {"value": "StatusCode"}, "value": status}], "data": data}

    told = {"value": [{"timeseries": [series("200", 100, 30), series("429", 100, 10)]}]}
    assert account_429_share(told, datetime(2026, 11, 21, 3, 11, tzinfo=UTC)) == (25.0, 40)
    assert account_429_share({}, NOW) == (None, 0)


def test_what_a_deployment_answered_with_before_is_what_azure_counted() -> None:
    def series(version: str, *minutes: int) -> dict[str, Any]:
        names = {"ModelDeploymentName": "GPT4o-stable", "ModelName": "gpt-4o", "ModelVersion": version}
        labels = [{"name": {"value": key}, "value": value} for key, value in names.items()]
        data = [{"timeStamp": f"2026-11-21T03:{minute:02}:00Z", "total": 5} for minute in minutes]
        return {"metadatavalues": labels, "data": [*data, {"timeStamp": "2026-11-21T04:00:00Z"}]}

    def found(*told: dict[str, Any]) -> Any:
        answered = answered_versions({"value": [{"timeseries": list(told)}]})
        return shapes.remembered(shapes.deployments([body()], ()), answered)[0]

    drifted = found(series("2024-11-20", 12, 13), series("2024-08-06", 1, 12))
    assert (drifted.before, drifted.since) == ("gpt-4o 2024-08-06", NOW)
    facet = of(ModelState("a", "", (drifted,)))[0]
    assert facet.since == NOW
    assert Shape.from_identity(facet.before or "") == replace(Shape.of(drifted), version="2024-08-06", upgrade="")
    assert (facet.by, facet.source) == ("", "Azure's count of calls by version: it was not written then")
    assert found(series("2024-11-20", 12, 13)).before == ""
    written = replace(drifted, modified_at=NOW, modified_by="bob")
    assert of(ModelState("a", "", (written,)))[0].by == "bob"
