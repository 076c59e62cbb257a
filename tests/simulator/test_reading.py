"""What a reader sees: the shapes and quirks of ARM's answers."""

from __future__ import annotations

from tests.simulator.driving import ARM, PHARMABOT, V40, V41, V42, Bench


def test_the_app_reads_as_recorded_apps_do() -> None:
    app = Bench().app()
    assert list(app) == ["id", "name", "type", "location", "systemData", "properties", "identity"]
    assert app["id"].endswith("/Microsoft.App/containerapps/pharmabot")
    assert app["type"] == "Microsoft.App/containerApps"
    properties = app["properties"]
    assert properties["provisioningState"] == "Succeeded"
    assert properties["latestRevisionName"] == properties["latestReadyRevisionName"] == V42
    assert properties["configuration"]["activeRevisionsMode"] == "Multiple"
    assert properties["configuration"]["secrets"] == [{"name": "aoai-key"}, {"name": "prompts-url"}]
    assert properties["template"]["containers"][0]["resources"]["ephemeralStorage"] == "4Gi"


def test_an_older_api_version_knows_fewer_fields() -> None:
    newest = Bench().app()["properties"]
    older = Bench().app("2024-03-01")["properties"]
    oldest = Bench().app("2022-03-01")["properties"]
    assert "patchingMode" in newest
    assert "patchingMode" not in older
    assert "targetLabel" not in older["configuration"]
    assert "imageType" not in older["template"]["containers"][0]
    assert "runningStatus" not in oldest
    assert "secrets" in oldest["configuration"]
    assert None not in oldest["configuration"]["ingress"].values()


def test_revisions_are_listed_active_and_inactive_together() -> None:
    revisions = Bench().revisions()
    assert list(revisions) == [V40, V41, V42]
    assert revisions[V40] | {"template": 0, "fqdn": 0} == {
        "createdTime": "2026-11-12T03:12:00+00:00",
        "lastActiveTime": "2026-11-19T03:12:00+00:00",
        "fqdn": 0,
        "template": 0,
        "active": False,
        "replicas": 0,
        "trafficWeight": 0,
        "healthState": "Healthy",
        "provisioningState": "Provisioned",
        "runningState": "Stopped",
    }
    assert revisions[V42]["replicas"] == 3
    assert revisions[V42]["trafficWeight"] == 100
    assert "lastActiveTime" not in revisions[V42]


def test_a_revision_shows_its_template_without_what_is_derived() -> None:
    container = Bench().revisions()[V42]["template"]["containers"][0]
    assert container["resources"] == {"cpu": 1.0, "memory": "2Gi"}
    assert container["probes"] == []
    assert "imageType" not in container


def test_one_revision_is_read_by_its_name_in_any_case() -> None:
    body = Bench().ask("GET", f"{PHARMABOT}/revisions/{V41.upper()}").json()
    assert body["name"] == V41
    assert body["type"] == "Microsoft.App/containerapps/revisions"


def test_replicas_are_as_many_as_the_revision_says() -> None:
    replicas = Bench().ask("GET", f"{PHARMABOT}/revisions/{V42}/replicas").json()["value"]
    assert len(replicas) == 3
    assert len({one["name"] for one in replicas}) == 3
    assert {one["properties"]["runningState"] for one in replicas} == {"Running"}
    name = replicas[0]["name"]
    assert Bench().ask("GET", f"{PHARMABOT}/revisions/{V42}/replicas/{name}").json() == replicas[0]


def test_secrets_are_told_only_by_list_secrets() -> None:
    listed = Bench().ask("POST", f"{PHARMABOT}/listSecrets")
    assert listed.json()["value"][0] == {"name": "aoai-key", "value": "rehearsal"}


def test_label_histories_tell_what_stable_was() -> None:
    bench = Bench()
    history = bench.ask("GET", f"{PHARMABOT}/labelHistories/stable").json()["properties"]["records"]
    assert [one["revision"] for one in history] == [V41, V40]
    assert "stop" not in history[0]
    assert history[1]["stop"] == history[0]["start"]
    assert [one["name"] for one in bench.ask("GET", f"{PHARMABOT}/labelHistories").json()["value"]] == [
        "stable",
        "candidate",
    ]


def test_a_list_longer_than_a_page_goes_on_at_its_next_link() -> None:
    bench = Bench().turn(page_size=2)
    first = bench.ask("GET", f"{PHARMABOT}/revisions").json()
    second = bench.ask("GET", first["nextLink"]).json()
    assert [one["name"] for one in first["value"] + second["value"]] == [V40, V41, V42]
    assert "nextLink" not in second


def test_a_skip_token_that_is_none_is_refused() -> None:
    url = f"{ARM}{PHARMABOT}/revisions?api-version=2026-07-01&$skipToken=x"
    assert Bench().ask("GET", url).status == 400


def test_apps_are_listed_by_group_and_by_subscription() -> None:
    bench = Bench()
    group = bench.ask("GET", PHARMABOT.removesuffix("/pharmabot")).json()["value"]
    subscription = PHARMABOT.split("/resourceGroups")[0]
    all_apps = bench.ask("GET", f"{subscription}/providers/Microsoft.App/containerApps").json()["value"]
    assert [one["name"] for one in group] == ["pharmabot"]
    assert [one["name"] for one in all_apps] == ["pharmabot", "intranet"]


def test_what_does_not_exist_is_told_by_arm_or_by_the_provider() -> None:
    bench = Bench()
    cases = {
        PHARMABOT.replace("00000000-", "99999999-"): "SubscriptionNotFound",
        PHARMABOT.replace("pharmabot-rg", "bad-rg"): "ResourceGroupNotFound",
        f"{PHARMABOT}2": "ResourceNotFound",
        f"{PHARMABOT}2/revisions": "ParentResourceNotFound",
        f"{PHARMABOT}/revisions/pharmabot--v1": "ContainerAppRevisionNotFound",
        f"{PHARMABOT}/authConfigs/current": "AuthConfigNotFound",
        f"{PHARMABOT}/labelHistories/none": "LabelHistoryNotFound",
    }
    answers = {path: bench.ask("GET", path) for path in cases}
    assert {path: one.json()["error"]["code"] for path, one in answers.items()} == cases
    assert {one.status for one in answers.values()} == {404}
    assert answers[f"{PHARMABOT}2"].header("x-ms-failure-cause") == "gateway"


def test_without_a_token_nothing_is_told() -> None:
    refused = Bench().ask("GET", token="")
    assert refused.status == 401
    assert (refused.header("WWW-Authenticate") or "").startswith("Bearer ")
    assert refused.json()["error"]["code"] == "AuthenticationFailed"


def test_the_api_version_is_required() -> None:
    refused = Bench().ask("GET", f"{ARM}{PHARMABOT}")
    assert (refused.status, refused.json()["error"]["code"]) == (400, "MissingApiVersionParameter")


def test_throttling_headers_count_down_and_recover() -> None:
    bench = Bench()
    name = "x-ms-ratelimit-remaining-subscription-global-reads"
    counted = [bench.ask("GET").header(name) for _ in range(3)]
    assert counted == ["16499", "16498", "16497"]
    assert bench.wait(600).ask("GET").header(name) == "16499"


def test_every_answer_carries_its_request_ids_and_date() -> None:
    answer = Bench().ask("GET")
    assert answer.header("x-ms-request-id")
    assert answer.header("x-ms-correlation-request-id")
    assert answer.header("Date") == "Sat, 21 Nov 2026 03:12:00 GMT"


def test_permissions_list_what_a_forbidden_fault_takes_away() -> None:
    bench = Bench()
    path = f"{PHARMABOT}/providers/Microsoft.Authorization/permissions"
    assert bench.ask("GET", path).json()["value"][0]["notActions"] == []
    bench.fault("forbidden", action="Microsoft.App/containerApps/write")
    assert bench.ask("GET", path).json()["value"][0]["notActions"] == ["Microsoft.App/containerApps/write"]
