"""Backups and restores against the embedded Azure's servers, in virtual time, through the real SDK."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from console.domain.intent import Deed, Intent
from console.domain.plan import Risk
from console.domain.run import Outcome
from console.layers.planning import NothingToDo
from console.simulator.postgres_bodies import virtual_endpoint_body
from tests.schema.migrating import changed
from tests.schema.restoring import CHANGED, SERVER, START, Restored, play, settings, taken_up

NEW = f"{SERVER}-r20261121023159"
HOST = f"{NEW}.postgres.database.azure.com"
ROOT = "/providers/Microsoft.DBforPostgreSQL/flexibleServers"
BACK_UP = Intent(Deed.BACK_UP, "schema")
RESTORE = Intent(layer="schema", way="restore")
LATER = changed("8c1d02", "4f2a91", CHANGED)


def outcome(played: Restored) -> tuple[Outcome, str]:
    assert played.verdict is not None
    return played.verdict.outcome, played.verdict.note


def test_a_backup_is_made_and_followed_until_it_is_in_the_list() -> None:
    played = play(BACK_UP)
    assert outcome(played)[0] is Outcome.VERIFIED
    ((method, path, body),) = played.writes
    assert (method, path.endswith(f"{ROOT}/{SERVER}/backups/rollback-20261121031200"), body) == ("PUT", True, "")
    assert 90 <= played.took_s <= 130
    assert "Customer On-Demand rollback-20261121031200 completed" in next(iter(played.details().values()))
    assert played.plan is not None
    assert played.plan.risk is Risk.SLOW
    assert played.plan.by_hand.endswith(f"--server-name {SERVER} \\\n  -n rollback-20261121031200")


def test_the_elapsed_time_is_told_between_azures_own_answers() -> None:
    assert any("Azure says InProgress, 60 s" in told for told in play(BACK_UP).told)


def test_a_restore_makes_a_new_server_of_just_before_the_change_and_ends_there_without_an_env_to_turn() -> None:
    played = play(RESTORE, changes=LATER)
    method, path, text = played.writes[0]
    body: dict[str, Any] = json.loads(text)
    assert (method, path.endswith(f"{ROOT}/{NEW}")) == ("PUT", True)
    assert body["properties"]["createMode"] == "PointInTimeRestore"
    assert body["properties"]["pointInTimeUTC"] == "2026-11-21T02:31:59.000Z"
    assert body["properties"]["sourceServerResourceId"].endswith(f"/{SERVER}")
    assert len(played.writes) == 1
    assert outcome(played)[0] is Outcome.UNPROVEN
    assert f"Ready at {HOST}, after 5 min 0 s" in played.details()[f"restore {SERVER} of 21 Nov 02:31:59Z as {NEW}"]
    assert played.server(NEW) is not None
    assert played.server() is not None


def test_the_plan_of_a_restore_says_what_is_lost_what_must_be_supplied_and_what_is_left_to_do() -> None:
    plan = play(RESTORE, changes=LATER).plan
    assert plan is not None
    assert (plan.risk, plan.needs_typing) == (Risk.LOSSY, True)
    assert plan.reason == "just before head 8c1d02→4f2a91"
    assert (
        "what was written since 21 Nov 02:31:59Z, 40 min, is not on the new server; the old one has it" in plan.stays
    )
    assert "firewall rules do not come along" in " ".join(plan.afterwards)
    assert "Microsoft Entra administrators" in " ".join(plan.afterwards)
    assert "point it at the new one by hand" in plan.afterwards[-1]
    assert "--restore-time 2026-11-21T02:31:59Z" in plan.by_hand
    assert "az containerapp secret set" in plan.by_hand
    assert HOST in plan.by_hand


def test_a_new_revision_takes_the_service_to_the_new_server() -> None:
    played = play(RESTORE, settings(url_env="PROMPTS_HOST"), changes=LATER)
    assert played.plan is not None
    assert [step.kind for step in played.plan.steps] == [
        "restore_server", "see_restored", "new_env_revision", "shift_traffic", "prove_serving", "see_recovery",
    ]  # fmt: skip
    assert outcome(played)[0] is Outcome.VERIFIED
    app = next(iter(played.stage.world.apps.values()))
    serving = [entry.revision for entry in app.routed if entry.weight == 100]
    assert serving == ["pharmabot--v42-db1"]
    revision = app.revision("pharmabot--v42-db1")
    assert revision is not None
    assert {"name": "PROMPTS_HOST", "value": HOST} in revision.template["containers"][0]["env"]


def test_a_secret_of_a_new_name_leads_there_and_its_value_stands_nowhere() -> None:
    target = settings(url_env="PROMPTS_URL", secret="prompts-url", secret_value="env:NEXT")
    value = "postgresql://service:verysecret@{host}/pharmabot"
    played = play(RESTORE, target, changes=LATER, environment={"NEXT": value})
    name = "prompts-url-r20261121023159"
    app = next(iter(played.stage.world.apps.values()))
    assert app.secrets[name] == value.replace("{host}", HOST)
    assert set(app.secrets) == {"aoai-key", "prompts-url", name}
    assert app.secrets["aoai-key"] == "rehearsal"
    revision = app.revision("pharmabot--v42-db1")
    assert revision is not None
    assert {"name": "PROMPTS_URL", "secretRef": name} in revision.template["containers"][0]["env"]
    assert played.plan is not None
    assert "verysecret" not in played.plan.to_json()
    assert "verysecret" not in str(played.events)
    assert any("aoai-key, prompts-url" in line for line in played.plan.unknown)


def test_without_its_value_the_repointing_is_left_to_a_person() -> None:
    target = settings(url_env="PROMPTS_URL", secret_value="env:NEXT")
    plan = play(RESTORE, target, changes=LATER).plan
    assert plan is not None
    assert [step.kind for step in plan.steps] == ["restore_server", "see_restored"]


def with_endpoint(played: Restored) -> None:
    server = played.server()
    assert server is not None
    child = virtual_endpoint_body(server, "pharmabot-rw", {"properties": {"members": [SERVER]}})
    played.stage.machine.world = played.stage.world.with_neighbour(server.with_child(child))


def test_a_virtual_endpoint_moves_to_the_new_server_and_keeps_its_host_names() -> None:
    played = play(RESTORE, changes=LATER, arranged=with_endpoint)
    kinds = [(method, path.rpartition("flexibleServers/")[2]) for method, path, _ in played.writes]
    assert kinds == [
        ("PUT", NEW),
        ("DELETE", f"{SERVER}/virtualendpoints/pharmabot-rw"),
        ("PUT", f"{NEW}/virtualendpoints/pharmabot-rw"),
    ]
    assert played.details()[f"virtual endpoint pharmabot-rw → {NEW}"].startswith(
        f"pharmabot-rw leads to {NEW}, after"
    )
    assert played.plan is not None
    assert [step.needs for step in played.plan.steps if step.kind == "place_endpoint"] == [
        ("restored seen", "endpoint free")
    ]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (START - timedelta(days=60), "is before the first restore point"),
        (START - timedelta(minutes=2), "is not restorable yet"),
        (START + timedelta(days=1), "is not restorable yet"),
    ],
)
def test_a_moment_outside_the_window_is_refused(at: Any, said: str) -> None:
    played = play(Intent(layer="schema", at=at.isoformat()))
    assert played.plan is not None
    assert played.plan.refused is not None
    assert said in played.plan.refused.sentence
    assert (played.plan.steps, played.writes) == ((), [])


def test_a_server_without_a_restore_point_is_refused() -> None:
    def young(played: Restored) -> None:
        played.change(backup={"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"})

    played = play(RESTORE, changes=LATER, arranged=young)
    assert played.plan is not None
    assert played.plan.refused is not None
    assert played.plan.refused.sentence == f"{SERVER} has no restore point yet"


@pytest.mark.parametrize("text", ["yesterday", "2026-11-21T02:00:00", ""])
def test_what_is_no_moment_is_nothing_to_do(text: str) -> None:
    with pytest.raises(NothingToDo, match="is no moment"):
        play(Intent(layer="schema", at=text))


def test_without_knowing_when_it_changed_a_moment_is_asked_for() -> None:
    plan = play(RESTORE, changes=changed("8c1d02", "4f2a91")).plan
    assert plan is not None
    assert plan.refused is not None
    assert "choose the moment" in plan.refused.sentence


def test_a_window_that_moved_on_meanwhile_is_refused_before_anything_is_sent() -> None:
    def moved(played: Restored) -> None:
        played.change(
            backup={"backupRetentionDays": 7, "earliestRestoreDate": (START - timedelta(minutes=8)).isoformat()}
        )

    played = play(RESTORE, changes=LATER, before=moved)
    assert outcome(played)[0] is Outcome.REFUSED
    assert played.writes == []


def test_an_operation_that_fails_minutes_later_is_a_failure_with_its_reason() -> None:
    played = play(
        RESTORE, changes=LATER, before=lambda one: one.fault("fail-operation", code="", message="no capacity left")
    )
    assert outcome(played)[0] is Outcome.FAILED
    assert "Azure says Failed no capacity left" in outcome(played)[1]


def test_an_operation_that_azure_forgets_leaves_the_last_word_to_the_server() -> None:
    played = play(RESTORE, changes=LATER, before=lambda one: one.fault("vanished-operation", count=None))
    assert outcome(played)[0] is Outcome.UNPROVEN
    assert any("Azure has forgotten the operation" in told for told in played.told)
    assert "Ready at" in played.details()[f"restore {SERVER} of 21 Nov 02:31:59Z as {NEW}"]


def test_an_operation_that_never_ends_ends_at_the_consoles_own_deadline() -> None:
    target = settings(restore_wait_s=1800)
    played = play(RESTORE, target, changes=LATER, before=lambda one: one.fault("hang-operation", effect=False))
    assert outcome(played)[0] is Outcome.UNKNOWN
    assert "not seen done within 30 min" in outcome(played)[1]
    assert 1800 <= played.took_s <= 1830


def test_a_connection_cut_after_the_write_is_followed_on_the_server_itself() -> None:
    played = play(RESTORE, changes=LATER, before=lambda one: one.fault("cut-after", method="PUT"))
    assert len(played.writes) == 1
    assert outcome(played)[0] is Outcome.UNPROVEN
    assert played.server(NEW) is not None


def test_a_connection_cut_before_the_write_is_unknown_after_ten_silent_minutes() -> None:
    played = play(RESTORE, changes=LATER, before=lambda one: one.fault("cut-before", method="PUT"))
    assert len(played.writes) == 1
    assert outcome(played)[0] is Outcome.UNKNOWN
    assert 600 <= played.took_s <= 630


def test_a_stopped_server_is_not_backed_up() -> None:
    played = play(BACK_UP, before=lambda one: one.change(state="Stopped"))
    assert outcome(played)[0] is Outcome.REFUSED
    assert played.writes == []


def test_a_database_that_does_not_answer_hides_neither_its_server_nor_the_restore() -> None:
    intent = Intent(layer="schema", at=(START - timedelta(hours=1)).isoformat())
    target = settings(url="env:DB", counts=("leaflets",))
    played = play(intent, target, environment={"DB": "postgresql://a:verysecret@127.0.0.1:1/x"})
    assert played.plan is not None
    assert kinds_of(played) == ["restore_server", "see_restored"]
    assert any("the head could not be read" in line for line in played.plan.unknown)
    assert played.server(f"{SERVER}-r20261121021200") is not None
    assert "verysecret" not in played.plan.to_json()
    assert "verysecret" not in str(played.events)


def test_without_a_head_no_script_is_run() -> None:
    target = settings(url="env:DB", down_sql="print {target}")
    intent = Intent(layer="schema", to="8c1d02", way="down")
    plan = play(intent, target, environment={"DB": "postgresql://a@127.0.0.1:1/x"}).plan
    assert plan is not None
    assert plan.refused is not None
    assert "the head could not be read" in plan.refused.sentence


def kinds_of(played: Restored) -> list[str]:
    assert played.plan is not None
    return [step.kind for step in played.plan.steps]


def test_a_restore_that_lost_its_runner_is_followed_to_its_end_and_nothing_is_sent_again() -> None:
    played = taken_up(LATER, RESTORE)
    assert len(played.writes) == 1
    assert played.run is not None
    assert played.run.outcome is Outcome.UNPROVEN
    assert played.server(NEW) is not None
    assert "Ready at" in played.details()[f"restore {SERVER} of 21 Nov 02:31:59Z as {NEW}"]
