"""Every layer's fault shows in the answers of the demo's service, and its undoing by hand shows at the next chat."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from console.simulator import cognitive
from console.simulator.scenarios import SCENARIOS, app_wide, breaking_migration
from console.simulator.stores.knowledge import QUESTIONS
from console.simulator.wire import Door, Request
from console.simulator.world import App
from tests.simulator.driving import PHARMABOT, V41, V42, named
from tests.simulator.staging import Staged, staged

ALL = len(QUESTIONS)
DEPLOYMENT = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/pharmabot-rg/providers/"
    "Microsoft.CognitiveServices/accounts/pharmabot-openai/deployments/gpt4o-stable"
)
BACK_TO_V6 = (
    "UPDATE system_prompts SET is_active = 0 WHERE name = 'drug_info'",
    "UPDATE system_prompts SET is_active = 1 WHERE name = 'drug_info' AND version = 6",
)
HEALTH = Request("GET", "http://service.test/health/ready", door=Door.SERVICE)
OWN = "http://service.test/-/revisions/"


@pytest.mark.parametrize("name", sorted(SCENARIOS))
async def test_two_days_before_every_scenario_answered_rightly(name: str, tmp_path: Path) -> None:
    with staged(name, tmp_path, past=True) as stage:
        assert await stage.passed() == ALL


async def test_nothing_is_wrong_with_the_healthy_one(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        assert await stage.passed() == ALL
        answer = await stage.chat()
        assert answer.json()["sources"] == ["leaflet-ibuprofen-400.md#dosage"]
        assert answer.header("x-revision") == V42


@pytest.mark.parametrize("scenario", ["bad-prompt", "two-changes"])
async def test_a_bad_prompt_is_wrong_with_200_on_every_revision(scenario: str, tmp_path: Path) -> None:
    with staged(scenario, tmp_path) as stage:
        answers = [await stage.chat(at=at) for at in ("http://service.test", OWN + V41, OWN + V42)]
        assert {one.status for one in answers} == {200}
        assert {tuple(one.json()["sources"]) for one in answers} == {()}
        assert (await stage.stage.exchange(HEALTH)).status == 200
        stage.sql(*BACK_TO_V6)
        assert await stage.passed() == ALL


async def test_no_active_prompt_and_a_missing_table_are_500(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        stage.sql("UPDATE system_prompts SET is_active = 0")
        answer = await stage.chat()
        assert (answer.status, answer.json()["error"]) == (500, "no active version of prompt drug_info")
        stage.sql("DROP TABLE system_prompts")
        assert "no such table: system_prompts" in (await stage.chat()).json()["error"]


async def test_two_active_prompts_are_500_where_nothing_keeps_them_apart(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        stage.sql("DROP INDEX one_active_prompt", "UPDATE system_prompts SET is_active = 1 WHERE version IN (6, 7)")
        assert (await stage.chat()).json()["error"] == "2 active versions of prompt drug_info"


async def test_an_upgraded_model_errs_on_some_questions_until_it_is_put_back(tmp_path: Path) -> None:
    with staged("model-drift", tmp_path) as stage:
        assert 0 < await stage.passed() < ALL
        assert {(await stage.chat(one[1])).status for one in QUESTIONS} == {200}
        known = (await stage.arm("GET", DEPLOYMENT, version="2023-05-01")).json()
        assert known["properties"]["versionUpgradeOption"] == "OnceNewDefaultVersionAvailable"
        model = {**known["properties"]["model"], "version": "2024-08-06"}
        sent = {"sku": known["sku"], "properties": {"model": model, "versionUpgradeOption": "NoAutoUpgrade"}}
        assert (await stage.arm("PUT", DEPLOYMENT, sent, "2023-05-01")).status in (200, 201)
        await stage.clock.sleep(60)
        assert await stage.passed() == ALL


async def test_a_deployment_that_is_gone_is_named(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        world = stage.stage.world
        account = cognitive.account(world, "pharmabot-openai")
        assert account is not None
        serving = {name: one for name, one in account.serving.items() if name != "gpt4o-stable"}
        stage.stage.machine.world = world.with_neighbour(replace(account, serving=serving))
        assert "DeploymentNotFound" in (await stage.chat()).json()["error"]


async def test_an_index_of_another_embedder_finds_the_wrong_documents(tmp_path: Path) -> None:
    with staged("embedding-mismatch", tmp_path) as stage:
        assert await stage.passed() == 0
        assert (await stage.chat()).status == 200
        assert len(stage.sql("SELECT name FROM embedding_indexes WHERE dimensions = 1536")) == 2
        stage.sql("UPDATE embedding_indexes SET active = (name = 'docs_v1')")
        assert await stage.passed() == ALL


async def test_other_dimensions_are_500_and_so_is_no_index(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        stage.sql("UPDATE docs_v1 SET embedding = '[0.5,0.5]'")
        assert (await stage.chat()).json()["error"] == "different vector dimensions 2 and 1536"
        stage.sql("UPDATE embedding_indexes SET active = 0")
        assert (await stage.chat()).json()["error"] == "no active embedding index"


@pytest.mark.parametrize("index", ["docs_v1", "docs_v2"])
async def test_the_registry_says_what_the_tables_hold(index: str, tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        entry = stage.sql(f"SELECT dimensions, rows FROM embedding_indexes WHERE name = '{index}'")
        held = stage.sql(f"SELECT json_array_length(embedding), count(*) FROM {index} GROUP BY 1")
        assert entry == held


async def test_a_migration_that_the_code_does_not_know_is_500_until_its_down_script_ran(tmp_path: Path) -> None:
    with staged("breaking-migration", tmp_path) as stage:
        answer = await stage.chat()
        assert (answer.status, answer.json()["error"]) == (500, "no such column: dosage")
        assert stage.sql("SELECT version_num FROM alembic_version") == [("4f2a91",)]
        script = (tmp_path / "migrations" / "4f2a91_to_8c1d02.sql").read_text()
        stage.sql(*[one for one in script.split(";") if one.strip()])
        assert stage.sql("SELECT version_num FROM alembic_version") == [("8c1d02",)]
        assert await stage.passed() == ALL


async def test_a_server_restored_to_before_the_migration_has_the_old_column(tmp_path: Path) -> None:
    with staged("breaking-migration", tmp_path) as stage:
        world = stage.stage.world
        server = world.neighbour("Microsoft.DBforPostgreSQL/flexibleServers", "pharmabot-db")
        assert server is not None
        early, late = (stage.clock.at - one for one in (2 * breaking_migration.SINCE, breaking_migration.SINCE / 2))
        stage.stage.machine.world = world.with_neighbour(replace(server, origin=("pharmabot-old", early)))
        assert await stage.passed() == ALL
        stage.stage.machine.world = world.with_neighbour(replace(server, origin=("pharmabot-old", late)))
        assert (await stage.chat()).status == 500


async def test_a_secret_fails_every_revision_alike_until_it_is_put_back(tmp_path: Path) -> None:
    with staged("app-wide", tmp_path) as stage:
        answers = [await stage.chat(at=at) for at in ("http://service.test", OWN + V41, OWN + V42)]
        assert {one.status for one in answers} == {500}
        app = _app(stage)
        assert (app.modified_by, stage.clock.at - app.modified) == ("bob@pharmabot.example", app_wide.SINCE)
        assert "bob@pharmabot.example" in {entry.caller for entry in stage.stage.world.log}
        secrets = [
            {**one, **({"keyVaultUrl": app_wide.GOOD} if one["name"] == app_wide.SECRET else {"value": "x"})}
            for one in app.configuration["secrets"]
        ]
        sent = {"properties": {"configuration": {"secrets": secrets}}}
        assert (await stage.arm("PATCH", PHARMABOT, sent)).status == 202
        await stage.clock.sleep(30)
        assert await stage.passed() == ALL


async def test_of_two_changes_the_newer_one_is_innocent(tmp_path: Path) -> None:
    with staged("two-changes", tmp_path) as stage:
        shift = {"configuration": {"ingress": {"traffic": [named(V42, 0), named(V41, 100)]}}}
        assert (await stage.arm("PATCH", PHARMABOT, {"properties": shift})).status == 202
        await stage.clock.sleep(30)
        answer = await stage.chat()
        assert (answer.header("x-revision"), answer.json()["sources"]) == (V41, [])
        stage.sql(*BACK_TO_V6)
        assert await stage.passed(OWN + V42) == ALL


async def test_a_bad_image_is_wrong_whatever_the_stores_say(tmp_path: Path) -> None:
    with staged("bad-image", tmp_path) as stage:
        assert await stage.passed() == 0
        assert await stage.passed(OWN + V41) == ALL


def _app(stage: Staged) -> App:
    return next(iter(stage.stage.world.apps.values()))
