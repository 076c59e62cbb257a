"""Which way a schema rollback proposes, where it goes, and what must be said before anybody confirms it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from console.domain.change import Baseline, Change, Changes, Suspect
from console.domain.code import CodeState
from console.domain.golden import GoldenResult
from console.domain.intent import ALL, Deed, Intent
from console.domain.plan import Plan, Risk
from console.domain.restore import restore_points, window
from console.domain.schema import Backup, Migration, SchemaState, Server
from console.domain.snapshot import Snapshot
from console.layers import planning
from console.layers.planning import Findings, NothingToDo
from console.layers.schema import LAYER
from console.layers.schema.looked import Looked
from console.plan import make
from console.stores.blockers import Blocker
from tests.engine.apps import app, marks, revision
from tests.schema.migrating import CREATED, DROPPED, NOW, RENAMED, changed, settings, snapshot

SCRIPT = (
    "BEGIN;\nALTER TABLE leaflets RENAME dosage_mg TO dosage;\n"
    f"UPDATE alembic_version SET version_num='{CREATED}' WHERE version_num='{RENAMED}';\nCOMMIT;\n"
)
LOOKED = Looked(RENAMED, CREATED, SCRIPT, command="print down", counts=(("leaflets", 240),))
SCHEMA = Intent(layer="schema")
HISTORY = (
    Migration(DROPPED, RENAMED, "drop note", drops=True),
    Migration(RENAMED, CREATED, "rename dosage", drops=False),
    Migration(CREATED, drops=False),
)


def server(**changes: Any) -> Server:
    values: dict[str, Any] = {
        "name": "pharmabot-db",
        "location": "eastus",
        "state": "Ready",
        "fqdn": "pharmabot-db.postgres.database.azure.com",
        "earliest": NOW - timedelta(days=7),
        "retention_d": 7,
        "resource_id": "/subscriptions/s/servers/pharmabot-db",
    }
    return Server(**(values | changes))


def state(head: str = RENAMED, needs: dict[str, str] | None = None, **changes: Any) -> SchemaState:
    return SchemaState("pharmabot", (head,), HISTORY, needs or {}, needs_env="SCHEMA_HEAD", **changes)


def code(**heads: str) -> CodeState:
    """`code(v42=RENAMED, v41=CREATED)`: revisions with the head each needs; the newest serves."""
    made = (revision(int(name[1:]), env=(("SCHEMA_HEAD", head),)) for name, head in heads.items())
    return app(*made)


def needs(of: CodeState) -> dict[str, str]:
    return {one.name: dict(one.env)["SCHEMA_HEAD"] for one in of.revisions}


def plan(
    of: SchemaState,
    serving: CodeState | None = None,
    changes: Changes | None = None,
    looked: Looked | None = LOOKED,
    intent: Intent = SCHEMA,
    golden: dict[str, GoldenResult] | None = None,
    **keys: Any,
) -> Plan:
    target = settings(url="env:DB", **keys)
    taken = snapshot(of, changes if changes is not None else changed(CREATED, RENAMED), serving)
    found = Findings(looked={"schema": looked} if looked is not None else {}, golden=golden or {})
    return LAYER.plan(target, taken, intent, found)


def kinds(of: Plan) -> list[str]:
    return [step.kind for step in of.steps]


def test_a_script_that_drops_nothing_is_slow_and_goes_on_a_y() -> None:
    found = plan(state())
    assert (found.way, found.risk, found.needs_typing) == ("down", Risk.SLOW, False)
    assert kinds(found) == ["run_down", "see_recovery"]
    assert "nothing is dropped or overwritten" in found.checked[1].text
    assert found.turns[0].after == CREATED


def test_a_draft_without_a_script_says_so_counts_as_lossy_and_cannot_run() -> None:
    found = plan(state(), looked=None)
    assert found.risk is Risk.LOSSY
    assert found.steps[0].body["statements"] == ()
    assert "the down script has not been printed yet" in found.unknown


def test_code_that_needs_the_new_head_goes_back_before_the_schema_does() -> None:
    serving = code(v42=RENAMED, v41=CREATED)
    found = plan(state(needs=needs(serving)), serving)
    assert kinds(found) == ["ready_revision", "shift_traffic", "run_down", "prove_serving", "see_recovery"]
    assert found.origin == ("bot--v42", f"head {RENAMED}")
    assert [(turn.layer, turn.after) for turn in found.turns] == [("code", "v41"), ("schema", CREATED)]
    assert found.shifts[0].revision == "bot--v41"


def test_code_that_fits_the_old_head_stays() -> None:
    serving = code(v42=CREATED, v41=CREATED)
    of = state(needs=needs(serving))
    assert kinds(plan(of, serving)) == ["run_down", "see_recovery"]
    assert LAYER.trouble(of, serving) == f"v42 was made for head {CREATED}, and {RENAMED} serves"


def test_without_a_revision_that_fits_only_a_typed_name_takes_the_schema_down() -> None:
    serving = code(v42=RENAMED, v41=DROPPED)
    found = plan(state(needs=needs(serving)), serving)
    assert found.refused is None
    assert "no older revision fits it" in found.refusals[0].sentence
    assert kinds(found) == ["run_down", "see_recovery"]


def code_changed() -> Changes:
    schema = changed(CREATED, RENAMED).suspects[0]
    moved = Change("code", "code", "bot--v41", "bot--v42", NOW)
    return Changes(Baseline(), (Suspect(moved, 1, 2.0, "newest"), replace(schema, rank=2)))


def test_the_code_goes_first_where_an_older_revision_fits_the_head_that_is_there() -> None:
    serving = code(v42=RENAMED, v41=RENAMED, v40=CREATED)
    found = plan(state(needs=needs(serving)), serving, code_changed())
    assert (found.layer, found.way, found.goal) == ("schema", "code-first", "bot--v41")
    assert [way.name for way in found.ways] == ["code-first", "down", "down-alone"]
    assert "run_down" not in kinds(found)
    assert f"the head stays {RENAMED}" in found.stays
    assert found.reason.startswith(f"v41 was made for head {RENAMED}")


def test_a_revision_that_answers_all_golden_questions_is_known_to_run_with_the_head() -> None:
    serving = code(v42=RENAMED, v41=CREATED)
    golden = {"bot--v41": GoldenResult(8, 8, NOW)}
    found = plan(state(needs=needs(serving)), serving, golden=golden)
    assert found.way == "code-first"
    assert "v41 answers all golden questions" in found.reason
    golden = {"bot--v41": GoldenResult(7, 8, NOW)}
    assert plan(state(needs=needs(serving)), serving, golden=golden).way == "down"


def test_a_known_bad_revision_is_never_gone_back_to() -> None:
    serving = code(v42=RENAMED, v41=CREATED, v40=CREATED)
    of = state(needs=needs(serving))
    taken: Snapshot = replace(snapshot(of, changed(CREATED, RENAMED), serving), history=marks(bad=(41,)))
    found = LAYER.plan(settings(url="env:DB"), taken, SCHEMA, Findings(looked={"schema": LOOKED}))
    assert found.steps[1].body["target"] == "bot--v40"


def test_a_contract_step_makes_the_restore_the_way_where_there_is_a_server() -> None:
    of = state(DROPPED, server=server())
    looked = replace(LOOKED, current=DROPPED, target=RENAMED)
    at = NOW - timedelta(hours=3)
    found = plan(of, None, changed(RENAMED, DROPPED, at), looked, server="pharmabot-db")
    assert (found.way, [way.name for way in found.ways]) == ("restore", ["down", "restore"])
    assert found.steps[0].body["at"] == (at - timedelta(seconds=1)).isoformat()
    assert found.risk is Risk.LOSSY
    refused = plan(
        of, None, changed(RENAMED, DROPPED, at), looked, Intent(layer="schema", way="down"), server="pharmabot-db"
    )
    assert refused.refused is not None


def test_what_was_only_seen_between_two_moments_is_restored_to_before_the_first() -> None:
    change = Change("schema", "head", CREATED, RENAMED, NOW - timedelta(hours=1), earliest=NOW - timedelta(hours=2))
    changes = Changes(Baseline(), (Suspect(change, 1, 1.0, "only one"),))
    intent = Intent(layer="schema", way="restore")
    found = plan(state(server=server()), None, changes, LOOKED, intent, server="pharmabot-db")
    assert found.steps[0].body["at"] == (NOW - timedelta(hours=2, seconds=1)).isoformat()


def test_a_private_server_is_restored_into_its_own_network_and_what_does_not_come_along_is_listed() -> None:
    network = {"delegatedSubnetResourceId": "/s/subnets/db", "privateDnsZoneArmResourceId": "/z/zone"}
    found = plan(
        state(
            server=server(
                private=True, network=network, high_availability="ZoneRedundant", entra=True, tags=("team",),
                databases=("pharmabot", "billing", "postgres"),
            )
        ),
        intent=Intent(layer="schema", at=(NOW - timedelta(hours=1)).isoformat()),
        server="pharmabot-db",
        database="pharmabot",
    )  # fmt: skip
    assert found.steps[0].body["network"] == network
    said = " ".join(found.afterwards)
    for word in ("subnets", "db", "zone", "ZoneRedundant", "Entra", "tags do not come along: team", "DNS zone"):
        assert word in said or word == "subnets"
    assert "every database of the server goes back too: billing" in found.stays
    assert "--subnet /s/subnets/db" in found.by_hand
    assert "--private-dns-zone /z/zone" in found.by_hand


def test_the_head_that_what_serves_needs_is_the_goal_where_no_change_was_seen() -> None:
    serving = code(v42=CREATED)
    found = plan(state(needs=needs(serving)), serving, Changes())
    assert found.goal == f"head {CREATED}"
    assert "v42, which serves, needs it" in found.reason


def test_nothing_is_proposed_where_the_schema_did_not_change() -> None:
    with pytest.raises(NothingToDo, match="did not change since the baseline"):
        plan(state(), changes=Changes())
    with pytest.raises(NothingToDo, match=f"the head is {RENAMED} already"):
        plan(state(), intent=Intent(layer="schema", to=f"head {RENAMED}"))


def test_a_moment_without_a_server_is_nothing_to_do() -> None:
    with pytest.raises(NothingToDo, match="no moment of it can be restored from here"):
        plan(state(), intent=Intent(layer="schema", at=NOW.isoformat()))


def test_a_newer_head_is_not_below() -> None:
    found = plan(state(), looked=replace(LOOKED, target=DROPPED), intent=Intent(layer="schema", to=DROPPED))
    assert found.refused is not None
    assert found.refused.sentence == f"{DROPPED} is not below {RENAMED}, as the history says"


def test_a_head_that_moved_while_the_script_was_printed_is_refused() -> None:
    found = plan(state(), looked=replace(LOOKED, current=DROPPED))
    assert found.refused is not None
    assert "ask again" in found.refused.sentence


def test_a_script_too_long_to_be_read_is_refused() -> None:
    found = plan(state(), looked=replace(LOOKED, script=SCRIPT + "-- x\n" * 5000))
    assert found.refused is not None
    assert "too long to be read whole" in found.refused.sentence


def test_who_holds_a_lock_is_named() -> None:
    holder = Blocker(7, "bob", "psql", "", "idle in transaction", 42.0, "SELECT", ("leaflets",))
    found = plan(state(), looked=replace(LOOKED, holders=(holder,)))
    said = [note.text for note in found.checked if not note.ok]
    assert said == [
        "pid 7 (psql, bob, idle in transaction for 42 s) holds leaflets: the script waits 3 s for it, then gives up"
    ]


def test_lacking_permissions_are_named_and_a_typed_name_overrides_them() -> None:
    intent = Intent(Deed.BACK_UP, "schema")
    found = plan(state(server=server()), looked=Looked(may_back_up=False), intent=intent, server="pharmabot-db")
    assert found.refusals[0].overridable
    assert "flexibleServers/backups/write" in found.refusals[0].sentence


@pytest.mark.parametrize("deed", [Deed.UNDO, Deed.UNPIN])
def test_what_a_schema_cannot_do_is_said(deed: Deed) -> None:
    with pytest.raises(NothingToDo):
        plan(state(), intent=Intent(deed, "schema"))


def test_a_backup_wants_a_server() -> None:
    with pytest.raises(NothingToDo, match="no server is configured"):
        plan(state(), intent=Intent(Deed.BACK_UP, "schema"))


def test_everything_at_once_moves_the_code_once_and_the_schema_after_it() -> None:
    serving = code(v42=RENAMED, v41=CREATED)
    taken = snapshot(state(needs=needs(serving)), code_changed(), serving)
    found = make(settings(url="env:DB"), taken, Intent(layer=ALL), Findings(looked={"schema": LOOKED}))
    assert kinds(found) == ["ready_revision", "shift_traffic", "run_down", "prove_serving", "see_recovery"]
    assert set(found.origin) == {"bot--v42", f"head {RENAMED}"}
    assert found.refusals == ()


def test_the_facet_is_the_head_and_several_are_one_version() -> None:
    one = state(changed_at=NOW, changed_by="ci")
    (facet,) = LAYER.facets(one, None)
    assert (facet.key, facet.version, facet.since, facet.by, facet.before) == (
        ("schema", "head"), RENAMED, NOW, "ci", CREATED,
    )  # fmt: skip
    (facet,) = LAYER.facets(replace(one, heads=("a", "b")), None)
    assert facet.version == "a,b"
    assert LAYER.facets(SchemaState("db", (), unread="no url is configured"), None) == ()
    assert "several heads" in LAYER.trouble(replace(one, heads=("a", "b")), None)


def points(of: Server, *changes: Change, now: datetime = NOW) -> list[tuple[str, datetime]]:
    found = restore_points(state(server=of), changes, now)
    return [(one.kind, one.at) for one in found]


def test_the_moments_worth_restoring_are_within_the_window_newest_first() -> None:
    backup = Backup("backup_1", "Full", "Automatic", NOW - timedelta(days=1))
    old = Backup("backup_0", "Full", "Automatic", NOW - timedelta(days=9))
    running = Backup("now", "Customer On-Demand", "Customer Initiated", None)
    bad = Change("schema", "head", CREATED, RENAMED, NOW - timedelta(hours=1))
    fresh = Change("code", "code", "v41", "v42", NOW - timedelta(minutes=1))
    undated = Change("prompt", "drug_info", "6", "7")
    assert points(server(backups=(backup, old, running)), bad, fresh, undated) == [
        ("latest", NOW - timedelta(minutes=5)),
        ("change", NOW - timedelta(hours=1, seconds=1)),
        ("backup", NOW - timedelta(days=1)),
        ("earliest", NOW - timedelta(days=7)),
    ]


@pytest.mark.parametrize("earliest", [None, NOW, NOW - timedelta(minutes=4)])
def test_a_server_without_a_restore_point_offers_no_moment(earliest: datetime | None) -> None:
    young = server(earliest=earliest)
    assert points(young) == []
    assert window(young, NOW).against(NOW - timedelta(minutes=10))


def test_nothing_is_measured_by_being_planned() -> None:
    assert planning.unmeasured(snapshot(state())) == ()
