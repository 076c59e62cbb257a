"""A shadow of a deployment is made beside it, asked through a revision without traffic, and removed."""

from __future__ import annotations

from pathlib import Path

from console.domain.intent import Deed, Intent
from console.domain.run import Outcome
from tests.engine.played_models import NEW, NEXT, OLD, OPENAI, STABLE, Models, play, with_quota

SHADOW = Intent(Deed.SHADOW, "model")
REMOVE = Intent(Deed.REMOVE_SHADOW, "model")
NAME = f"{STABLE}-shadow-{OLD}"
REVISION = "pharmabot--v42-shadow1"


def test_a_shadow_is_made_small_and_called_by_a_revision_without_traffic(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        await models.carry_out(await models.plan(SHADOW))

    models = play(tmp_path, act)
    plan, run = models.plans[0], models.runs[0]
    assert [step.kind for step in plan.steps] == ["create_deployment", "new_env_revision"]
    assert run.outcome is Outcome.VERIFIED, run.note
    body = models.deployment(NAME)
    assert body is not None
    assert body["sku"]["capacity"] == 10
    assert body["tags"] == {"rollback-console-shadow": STABLE}
    assert body["properties"]["raiPolicyName"] == "Microsoft.DefaultV2"
    assert models.answers_with(NAME) == ("gpt-4o", OLD)
    assert models.answers_with() == ("gpt-4o", NEW)
    assert models.played.who_serves() == ("pharmabot--v42",)
    assert models.played.app.revision(REVISION) is not None


def test_it_is_removed_with_the_revision_that_called_it(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        await models.carry_out(await models.plan(SHADOW))
        await models.look()
        await models.carry_out(await models.plan(REMOVE))

    models = play(tmp_path, act)
    assert [step.kind for step in models.plans[1].steps] == ["deactivate_revision", "remove_deployment"]
    assert models.runs[1].outcome is Outcome.VERIFIED, models.runs[1].note
    assert models.deployment(NAME) is None
    revision = models.played.app.revision(REVISION)
    assert revision is not None
    assert not revision.active
    assert models.deployment() is not None


def test_only_what_this_console_made_is_removed(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        assert await models.why_not(REMOVE) == "no deployment is a shadow of this console's"
        plan = await models.plan(Intent(Deed.REMOVE_SHADOW, "model", item=NEXT))
        assert plan.refused is not None
        assert "was not made by this console as a shadow" in plan.refused.sentence
        assert plan.steps == ()
        serving = await models.plan(Intent(Deed.REMOVE_SHADOW, "model", item=STABLE))
        assert [one.sentence for one in serving.refusals][1] == f"v42 carries traffic and calls {STABLE}"

    models = play(tmp_path, act)
    assert models.played.sent == []


def test_a_shadow_beyond_the_quota_is_refused_before_it_is_tried(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        with_quota(models, 65)
        plan = await models.plan(SHADOW)
        assert plan.refused is not None
        assert plan.refused.sentence == "over quota: 10 wanted, 5 left for gpt-4o as Standard"

    play(tmp_path, act)


def test_where_a_new_revision_would_get_traffic_the_shadow_stands_alone_and_says_so(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        plan = await models.plan(Intent(Deed.SHADOW, "model", item=STABLE, to="2024-05-13"))
        assert [way.name for way in plan.ways] == ["alone"]
        assert any("nothing asks a deployment but a revision that calls it" in line for line in plan.unknown)
        assert [step.kind for step in plan.steps] == ["create_deployment"]
        assert f"/accounts/{OPENAI}/deployments/{STABLE}-shadow-2024-05-13" in plan.by_hand

    play(tmp_path, act, scenario="single-mode")
