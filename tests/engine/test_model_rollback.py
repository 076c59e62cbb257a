"""A model goes back: pinned and read back, sent once, nothing lost; or the app calls a standby."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from console.desk import Desk
from console.domain.intent import ALL, Intent
from console.domain.plan import Risk
from console.domain.run import Kind, Outcome
from console.record.run_log import RunLog
from console.simulator import models as offers
from console.simulator.metrics import counted_model_call
from console.simulator.traffic import Traffic
from tests.engine.played_models import (
    MODEL,
    NEW,
    NEXT,
    OLD,
    ONCE_NEW,
    OPENAI,
    STABLE,
    Models,
    play,
    target,
    with_quota,
)


def test_a_model_that_azure_upgraded_goes_back_pinned_and_keeps_all_else(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        await models.carry_out(await models.plan())

    models = play(tmp_path, act)
    plan, run = models.plans[0], models.runs[0]
    assert plan.title == f"Roll back model {STABLE} → gpt-4o {OLD}"
    assert [step.kind for step in plan.steps] == ["set_deployment", "see_recovery"]
    assert plan.risk is Risk.SLOW
    assert "changes every revision" in plan.steps[0].title
    assert run.outcome is Outcome.VERIFIED, run.note
    assert models.answers_with() == ("gpt-4o", OLD)
    body = models.deployment()
    assert body is not None
    assert body["properties"]["versionUpgradeOption"] == "NoAutoUpgrade"
    assert body["properties"]["raiPolicyName"] == "Microsoft.DefaultV2"
    assert body["sku"] == {"name": "Standard", "capacity": 30}
    assert models.writes == [("PUT", f"Microsoft.CognitiveServices/accounts/{OPENAI}/deployments/{STABLE}")]


def test_what_it_leaves_is_known_bad_and_not_gone_back_to(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        await models.carry_out(await models.plan())
        await asyncio.sleep(60)
        await models.look()
        plan = await models.plan(Intent(layer="model", item=STABLE, to=NEW))
        assert any("known bad" in refusal.sentence for refusal in plan.refusals)
        assert any("newer than what" in refusal.sentence for refusal in plan.refusals)

    play(tmp_path, act)


def test_without_a_memory_the_versions_to_choose_from_are_named(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        assert (
            await models.why_not() == f"no deployment of {OPENAI} changed since the baseline: choose one of {STABLE}"
        )
        said = await models.why_not(Intent(layer="model", item=STABLE))
        assert said.startswith(f"what {STABLE} ran before gpt-4o {OLD} is not known: choose one with --to")
        assert NEW in said
        assert "2024-05-13" in said
        assert "0301" not in said

    play(tmp_path, act, drift=False)


def test_a_console_that_never_looked_learns_from_azures_count_what_answered_before(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        call(models)
        await asyncio.sleep(600)
        models.upgrade()
        call(models)
        await asyncio.sleep(600)
        fresh = RunLog(tmp_path / "fresh.db", models.clock)
        desk = Desk("pharmabot", at, models.clients, fresh, "", models.clock)
        snapshot = await desk.once()
        assert snapshot.changes.baseline.reconstructed
        change = next(one.change for one in snapshot.changes.of("model"))
        assert (change.item, change.after_words) == (STABLE, f"gpt-4o {NEW}")
        assert (await desk.propose(MODEL)).goal == f"{STABLE} gpt-4o {OLD}"
        fresh.close()

    def call(models: Models) -> None:
        world = models.played.stage.world
        models.played.change(counted_model_call(world, OPENAI, STABLE, 200, models.clock.now()))

    at = target()
    play(tmp_path, act, drift=False)


def test_a_version_that_somebody_asks_for_is_taken_with_its_doubts(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        plan = await models.plan(Intent(layer="model", item=STABLE, to="2024-05-13"))
        assert plan.refusals == ()
        assert plan.grade == "untried"
        assert any("Deprecating" in note.text and not note.ok for note in plan.checked)

    play(tmp_path, act, drift=False)


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("2023-01-01", "gpt-4o 2023-01-01 is not offered to pharmabot-openai in swedencentral any more"),
        ("2024-05-13", "gpt-4o 2024-05-13 is retired since 20 Nov 2026"),
    ],
)
def test_what_azure_does_not_give_any_more_is_refused(tmp_path: Path, to: str, said: str) -> None:
    async def act(models: Models) -> None:
        world = models.played.stage.world
        past = models.clock.now().replace(day=20)
        models.played.change(offers.retired(world, "gpt-4o", "2024-05-13", past))
        models.clients.doors["model"].reader._offered_at = None
        plan = await models.plan(Intent(layer="model", item=STABLE, to=to))
        assert plan.refused is not None
        assert plan.refused.sentence == said
        assert plan.steps == ()

    play(tmp_path, act)


def test_a_deployment_written_meanwhile_is_left_alone(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        plan = await models.plan()
        models.change(raiPolicyName="Strict")
        await models.carry_out(plan)

    models = play(tmp_path, act)
    assert models.runs[0].outcome is Outcome.REFUSED
    assert f"{STABLE} changed meanwhile: its content filter is Strict" in models.runs[0].note
    assert models.puts == []


def test_one_that_somebody_took_back_already_is_not_written_again(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        plan = await models.plan()
        models.change(
            model={"format": "OpenAI", "name": "gpt-4o", "version": OLD}, versionUpgradeOption="NoAutoUpgrade"
        )
        await models.carry_out(plan)

    models = play(tmp_path, act)
    assert models.runs[0].outcome is Outcome.VERIFIED
    assert "pinned, already" in models.runs[0].note
    assert models.puts == []


def test_another_write_on_the_account_stops_it_before_anything_is_sent(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        plan = await models.plan()
        models.change(NEXT, provisioningState="Creating")
        await models.carry_out(plan)
        again = await models.plan()
        assert again.refused is not None
        assert (
            again.refused.sentence
            == f"another write on {OPENAI} is under way: {NEXT} is Creating; wait until it ends"
        )

    models = play(tmp_path, act)
    assert models.runs[0].outcome is Outcome.REFUSED
    assert "another write on pharmabot-openai is under way" in models.runs[0].note
    assert models.puts == []


@pytest.mark.parametrize("trouble", ["cut-before", "cut-after", "error", "throttle", "refused"])
def test_a_put_is_sent_once_whatever_breaks(tmp_path: Path, trouble: str) -> None:
    async def act(models: Models) -> None:
        plan = await models.plan()
        models.played.fault(trouble, method="PUT", count=1)
        await models.carry_out(plan)

    models = play(tmp_path, act)
    assert len(models.puts) == 1
    served = models.answers_with()
    if served == ("gpt-4o", OLD):
        assert models.runs[0].outcome is Outcome.VERIFIED, models.runs[0].note
    else:
        assert models.runs[0].outcome in (Outcome.UNKNOWN, Outcome.FAILED), models.runs[0].note


def test_a_conflict_is_told_as_what_it_is(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        plan = await models.plan()
        models.played.fault("conflict", method="PUT", count=1)
        await models.carry_out(plan)

    models = play(tmp_path, act)
    assert models.runs[0].outcome is Outcome.FAILED
    assert len(models.puts) == 1
    assert models.answers_with() == ("gpt-4o", NEW)


def test_a_filter_that_was_changed_goes_back_with_the_version_kept(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        models.change(raiPolicyName="Lax", sku={"capacity": 10})
        await models.look()
        plan = await models.plan()
        assert "content filter Lax → Microsoft.DefaultV2" in plan.differences
        assert "size Standard 10 → Standard 30" in plan.differences
        await models.carry_out(plan)

    models = play(tmp_path, act, drift=False)
    assert models.runs[0].outcome is Outcome.VERIFIED, models.runs[0].note
    body = models.deployment()
    assert body is not None
    assert (body["properties"]["raiPolicyName"], body["sku"]["capacity"]) == ("Microsoft.DefaultV2", 30)
    assert body["properties"]["model"]["version"] == OLD
    assert body["properties"]["versionUpgradeOption"] == "NoAutoUpgrade"


def test_too_little_quota_is_told_as_that(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        models.change(sku={"capacity": 10})
        await models.look()
        with_quota(models, 45)
        await models.carry_out(await models.plan())

    models = play(tmp_path, act, drift=False)
    assert models.runs[0].outcome is Outcome.FAILED
    assert models.runs[0].note.startswith("the subscription's quota does not suffice; nothing changed.")
    assert len(models.puts) == 1


def test_a_success_that_left_the_old_version_serving_is_no_success(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        new = {"format": "OpenAI", "name": "gpt-4o", "version": NEW}
        models.played.on(Kind.ACCEPTED, lambda: models.change(model=new, provisioningState="Succeeded"))
        await models.carry_out(await models.plan())

    models = play(tmp_path, act)
    assert models.runs[0].outcome is Outcome.FAILED
    assert f"Azure says Succeeded for {STABLE}, but it runs gpt-4o {NEW}, not gpt-4o {OLD}" in models.runs[0].note


def test_a_write_that_azure_never_ends_is_unknown(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        models.played.on(Kind.ACCEPTED, models.upgrade)
        await models.carry_out(await models.plan())

    models = play(tmp_path, act)
    assert models.runs[0].outcome is Outcome.UNKNOWN
    assert f"{STABLE} is Creating with gpt-4o {NEW}" in models.runs[0].note


def test_a_deployment_that_azure_calls_failed_is_told(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        models.played.on(Kind.ACCEPTED, lambda: models.change(provisioningState="Failed"))
        await models.carry_out(await models.plan())

    models = play(tmp_path, act)
    assert models.runs[0].outcome is Outcome.FAILED
    assert models.runs[0].note.startswith(f"Azure calls {STABLE} Failed")


def test_by_hand_sends_the_whole_deployment(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        command = (await models.plan()).by_hand
        assert command.startswith("az rest --method put --url 'http")
        for part in (
            '"raiPolicyName": "Microsoft.DefaultV2"',
            f'"version": "{OLD}"',
            '"capacity": 30',
            "NoAutoUpgrade",
        ):
            assert part in command
        assert "provisioningState" not in command
        assert "ratelimits" not in command

    play(tmp_path, act)


def test_an_app_that_can_call_a_standby_does(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        models.change(NEXT, model={"format": "OpenAI", "name": "gpt-4o", "version": OLD})
        await models.look()
        plan = await models.plan()
        assert [way.name for way in plan.ways] == ["flip", "redeploy"]
        await models.carry_out(plan)

    models = play(tmp_path, act)
    plan, run = models.plans[0], models.runs[0]
    assert [step.kind for step in plan.steps] == [
        "new_env_revision",
        "shift_traffic",
        "prove_serving",
        "see_recovery",
    ]
    assert run.outcome is Outcome.VERIFIED, run.note
    assert models.played.who_serves() == ("pharmabot--v42-model1",)
    assert models.puts == []
    served = models.played.app.revision("pharmabot--v42-model1")
    assert served is not None
    env = {one["name"]: one.get("value") for one in served.template["containers"][0]["env"]}
    assert env["AOAI_DEPLOYMENT"] == NEXT
    assert env["AOAI_KEY"] is None
    assert "--set-env-vars AOAI_DEPLOYMENT=gpt4o-next" in plan.by_hand
    assert "az containerapp ingress traffic set" in plan.by_hand


def test_in_single_mode_the_flip_serves_by_itself(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        old = {"format": "OpenAI", "name": "gpt-4o", "version": OLD}
        models.change(NEXT, model=old, versionUpgradeOption=ONCE_NEW, sku={"capacity": 5})
        await models.look()
        plan = await models.plan()
        assert plan.way == "flip"
        await models.carry_out(plan)

    models = play(tmp_path, act, scenario="single-mode", at=target({"standby": {STABLE: NEXT}}))
    plan, run = models.plans[0], models.runs[0]
    assert [step.kind for step in plan.steps] == ["new_env_revision", "prove_serving", "see_recovery"]
    assert plan.steps[0].turns
    assert any("is not pinned" in line for line in plan.unknown)
    assert any("capacity 5 of 30: expect 429s" in line for line in plan.unknown)
    assert run.serving_s is not None, run.note
    assert models.played.app.latest_ready == "pharmabot--v42-model1"


def test_after_a_flip_only_what_is_called_serves(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        models.change(NEXT, model={"format": "OpenAI", "name": "gpt-4o", "version": OLD})
        await models.carry_out(await models.plan())
        await asyncio.sleep(60)
        snapshot = await models.look()
        assert [facet.item for facet in snapshot.bundle.of("model")] == [NEXT]

    play(tmp_path, act)


def test_a_smaller_deployment_is_no_standby_by_itself(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        models.change(NEXT, model={"format": "OpenAI", "name": "gpt-4o", "version": OLD}, sku={"capacity": 5})
        await models.look()
        assert [way.name for way in (await models.plan()).ways] == ["redeploy"]

    play(tmp_path, act)


def test_a_console_that_may_not_write_says_so_beforehand(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        plan = await models.plan()
        action = "Microsoft.CognitiveServices/accounts/deployments/write"
        assert any(action in refusal.sentence and refusal.overridable for refusal in plan.refusals)

    at = target()
    azure = at.azure.model_copy(update={"rehearsal_token": "rehearsal-reader"})
    play(tmp_path, act, at=at.model_copy(update={"azure": azure}))


def test_a_door_that_only_looks_has_nothing_to_write_with(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        assert models.clients.doors["model"].actions is None
        await models.plan(MODEL)

    play(tmp_path, act, writing=False)


def test_beside_a_rollback_of_the_code_the_model_is_not_flipped(tmp_path: Path) -> None:
    async def act(models: Models) -> None:
        models.change(NEXT, model={"format": "OpenAI", "name": "gpt-4o", "version": OLD})
        before = (Traffic(100, "pharmabot--v41"), Traffic(0, "pharmabot--v42"))
        models.played.change_app(routed=before, configuration=with_traffic(models, before))
        await models.look()
        models.upgrade()
        after = (Traffic(0, "pharmabot--v41"), Traffic(100, "pharmabot--v42"))
        models.played.change_app(routed=after, configuration=with_traffic(models, after))
        await models.look()
        assert (await models.plan()).way == "flip"
        plan = await models.plan(Intent(layer=ALL))
        kinds = [step.kind for step in plan.steps]
        assert "new_env_revision" not in kinds
        assert kinds.index("set_deployment") < kinds.index("shift_traffic")
        await models.carry_out(plan)

    models = play(tmp_path, act, drift=False)
    assert models.runs[0].outcome is Outcome.VERIFIED, models.runs[0].note
    assert models.answers_with() == ("gpt-4o", OLD)
    assert models.played.who_serves() == ("pharmabot--v41",)


def with_traffic(models: Models, entries: tuple[Traffic, ...]) -> dict[str, Any]:
    """The app's configuration with other weights."""
    known = dict(models.played.app.configuration)
    return {**known, "ingress": {**known["ingress"], "traffic": [entry.shown() for entry in entries]}}
