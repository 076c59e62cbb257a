"""Going back: index and embedder together, the embedder alone, and what is refused."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from console.domain.failure import Failure, FailureKind
from console.domain.intent import Deed, Intent
from console.domain.plan import Plan, Risk
from console.domain.run import Run
from console.domain.snapshot import Layer, LayerStatus
from console.layers.planning import Findings, NothingToDo
from console.plan import make
from console.steps import revive
from console.steps.prove_recall import ProveRecall
from console.steps.step import End, Ground
from tests.embedding.shelf import (
    BUILT,
    DOCUMENTS,
    LARGE,
    NOW,
    SIZE,
    SMALL,
    Shelf,
    asks,
    carried_out,
    embedded,
    good,
    switched,
    world_of,
)
from tests.engine.apps import app, entry, marks

BOTH = app(asks(41, SMALL), asks(42, LARGE))
V1 = f"docs_v1 {SMALL} {SIZE}"


def kinds(plan: Plan) -> list[str]:
    return [step.kind for step in plan.steps]


def hard(plan: Plan) -> list[str]:
    return [one.sentence for one in plan.refusals if not one.overridable]


async def test_index_and_embedder_go_back_together(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    snapshot = await shelf.snapshot(BOTH, switched(), embedded(), baseline=good(V1))

    plan = await shelf.plan(snapshot)

    assert plan.way == "dual"
    assert kinds(plan) == [
        "ready_revision",
        "switch_index",
        "shift_traffic",
        "prove_serving",
        "prove_embedding",
        "prove_recall",
        "see_recovery",
    ]
    assert [step.kind for step in plan.steps if step.turns] == ["shift_traffic"]
    assert [(turn.item, turn.before, turn.after) for turn in plan.turns] == [
        ("index", "docs_v2 3-large 6", "docs_v1 3-small 6"),
        ("embedder", LARGE, SMALL),
    ]
    assert plan.origin == (f"index docs_v2 {LARGE} {SIZE}", f"embedder {LARGE}", "bot--v42")
    assert (plan.goal, plan.grade) == (f"index {V1}", "marked")
    assert (plan.refusals, plan.risk, plan.needs_typing) == ((), Risk.REVERSIBLE, False)
    assert "recall of docs_v1: 4/4" in " ".join(note.text for note in plan.checked)


async def test_an_index_alone_is_switched_where_the_code_asks_with_its_embedder(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    code = app(asks(41, SMALL), asks(42, SMALL))
    world = world_of(shelf, code)

    plan = await shelf.plan(await shelf.snapshot(code, switched()))
    found = {step.kind: await carried_out(step, world) for step in plan.steps if step.kind != "see_recovery"}

    assert kinds(plan) == ["switch_index", "prove_embedding", "prove_recall", "see_recovery"]
    assert plan.steps[0].turns
    assert shelf.actives() == ["docs_v1"]
    assert {kind: result.end for kind, (_, result) in found.items() if result} == {
        "switch_index": End.DONE,
        "prove_embedding": End.DONE,
        "prove_recall": End.DONE,
    }
    recall = found["prove_recall"][1]
    assert recall is not None
    assert recall.detail == f"recall 0/4 (docs_v2 with {SMALL}) → 4/4"


async def test_the_command_by_hand_does_the_same(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    plan = await shelf.plan(await shelf.snapshot(app(asks(42, SMALL)), switched()))

    lines = plan.steps[0].command.splitlines()
    with shelf.engine.begin() as connection:
        for line in lines[1:-1]:
            if not line.startswith(("BEGIN", "COMMIT")):
                connection.exec_driver_sql(line)

    assert plan.by_hand == plan.steps[0].command
    assert shelf.actives() == ["docs_v1"]
    assert lines[0].startswith("sqlite3 -bail " if shelf.sqlite else "psql ")
    assert ("FOR UPDATE" in plan.by_hand) is not shelf.sqlite


async def test_only_the_code_goes_back_where_the_index_never_left(shelf: Shelf) -> None:
    snapshot = await shelf.snapshot(BOTH, embedded())

    plan = await shelf.plan(snapshot)

    assert (plan.way, [way.name for way in plan.ways]) == ("dual", ["dual", "renew", "emergency"])
    assert kinds(plan)[:2] == ["ready_revision", "shift_traffic"]
    assert [turn.item for turn in plan.turns] == ["embedder"]


async def test_without_a_known_change_a_mismatch_tells_where_to(shelf: Shelf) -> None:
    code_left = await shelf.plan(await shelf.snapshot(BOTH))
    shelf.activate("docs_v2")
    index_left = await shelf.plan(await shelf.snapshot(app(asks(42, SMALL))))

    assert (code_left.goal, kinds(code_left)[1]) == (f"index {V1}", "shift_traffic")
    assert (index_left.goal, kinds(index_left)[0]) == (f"index {V1}", "switch_index")


async def test_where_nothing_changed_and_all_fits_there_is_nothing_to_do(shelf: Shelf) -> None:
    snapshot = await shelf.snapshot(app(asks(42, SMALL)))

    with pytest.raises(NothingToDo, match=r"nothing of the embedding changed since the baseline \(known good 7a90\)"):
        await shelf.plan(snapshot)
    with pytest.raises(NothingToDo, match="docs_v1 is in use already"):
        await shelf.plan(snapshot, Intent(layer="embedding", to="docs_v1"))
    with pytest.raises(NothingToDo, match="there is no index docs_v9"):
        await shelf.plan(snapshot, Intent(layer="embedding", to="docs_v9"))


async def test_embedder_and_index_must_fit_afterwards(shelf: Shelf) -> None:
    shelf.activate("docs_v2")

    alone = await shelf.plan(await shelf.snapshot(BOTH, switched()), Intent(layer="embedding", way="emergency"))

    assert hard(alone) == [
        f"docs_v2 was built by {LARGE}, and {SMALL} would ask it: switch index and embedder together (way dual)"
    ]
    assert alone.steps == ()


async def test_where_no_older_revision_has_the_embedder_a_new_one_is_made(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    nobody = app(asks(41, LARGE), asks(42, LARGE))

    plan = await shelf.plan(await shelf.snapshot(nobody, switched()))

    made = plan.steps[0]
    assert (plan.way, [way.name for way in plan.ways]) == ("renew", ["renew"])
    assert kinds(plan)[:4] == ["new_env_revision", "switch_index", "shift_traffic", "prove_serving"]
    assert made.body["env"] == (("EMBEDDING_MODEL", LARGE, SMALL),)
    assert (made.body["source"], plan.shifts[0].revision) == ("bot--v42", made.body["target"])
    assert plan.refusals == ()


async def test_where_the_code_is_not_known_nothing_can_fit(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    snapshot = await shelf.snapshot(BOTH, switched())
    unread = replace(snapshot, code=Layer(LayerStatus.ERROR, None, NOW, "Azure does not answer"))

    plan = await shelf.plan(unread)

    assert hard(plan) == ["the app's revisions could not be read: whether one asks with that embedder is not known"]


async def test_an_emergency_counts_and_lists_the_rows_that_are_lost(shelf: Shelf) -> None:
    shelf.add("docs_v2", LARGE, "aspirin", "aspirin, new")
    shelf.add("docs_v2", LARGE, "metformin", "metformin-1000")
    snapshot = await shelf.snapshot(BOTH, embedded())

    plan = await shelf.plan(snapshot, Intent(layer="embedding", way="emergency"))

    assert (plan.way, plan.risk, plan.needs_typing) == ("emergency", Risk.LOSSY, True)
    assert "switch_index" not in kinds(plan)
    assert plan.passages[0].title == "2 documents are only in docs_v2 (CSV)"
    *listed, command = plan.passages[0].text.splitlines()
    assert listed == ["id", '"aspirin, new"', "metformin-1000"]
    assert "EXCEPT SELECT id FROM docs_v1" in command
    left = "2 documents are only in docs_v2, which is not in use now"
    assert plan.stays[0] == f"{left}: not found until embedded again into docs_v1"


async def test_both_back_wants_typing_only_where_many_documents_would_not_be_found(shelf: Shelf) -> None:
    shelf.add("docs_v2", LARGE, "aspirin", "aspirin, new")
    not_in_use = await shelf.plan(await shelf.snapshot(BOTH, embedded()))
    shelf.activate("docs_v2")
    in_use = await shelf.plan(await shelf.snapshot(BOTH, switched()))

    assert (not_in_use.way, not_in_use.risk) == ("dual", Risk.REVERSIBLE)
    assert (in_use.way, in_use.risk) == ("dual", Risk.LOSSY)
    assert in_use.stays[0] == "1 document is only in docs_v2: not found until embedded again into docs_v1"


async def test_an_emergency_that_loses_nothing_needs_no_typing(shelf: Shelf) -> None:
    plan = await shelf.plan(await shelf.snapshot(BOTH, embedded()), Intent(layer="embedding", way="emergency"))

    assert (plan.risk, plan.passages) == (Risk.REVERSIBLE, ())
    assert "no row is lost" in plan.stays[0]


async def test_rows_that_cannot_be_counted_are_never_none(shelf: Shelf) -> None:
    shelf.run("DROP TABLE docs_v2")

    plan = await shelf.plan(await shelf.snapshot(BOTH, embedded()), Intent(layer="embedding", way="emergency"))

    assert plan.risk is Risk.LOSSY
    assert any("not counted (the table docs_v2 does not exist)" in line for line in plan.unknown)
    assert any("how many is not known" in line for line in plan.stays)


async def test_what_was_re_embedded_in_place_is_refused(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    later = shelf.moment(BUILT["docs_v1"] + timedelta(days=1))
    shelf.run("UPDATE docs_v1 SET written_at = :at", at=later)

    plan = await shelf.plan(await shelf.snapshot(BOTH, switched()))

    assert hard(plan) == ["docs_v1: 4 of its 4 rows were written again since it was built: re-embedded in place"]
    assert plan.steps == ()


async def test_a_stamp_that_is_not_the_one_that_served_is_refused(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    shelf.run("UPDATE embedding_indexes SET embedder = :large WHERE name = 'docs_v1'", large=LARGE)

    by_change = await shelf.plan(await shelf.snapshot(BOTH, switched()))
    by_baseline = await shelf.plan(
        await shelf.snapshot(BOTH, baseline=good(V1)), Intent(layer="embedding", to="docs_v1")
    )

    wanted = f"docs_v1 was {SMALL} {SIZE} when it served, and is {LARGE}, {SIZE} now: re-embedded in place"
    assert wanted in hard(by_change)
    assert wanted in hard(by_baseline)


async def test_other_dimensions_and_other_stamps_in_the_table_are_refused(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    shelf.changed["stamp"] = "made_by"
    shelf.run("UPDATE docs_v1 SET made_by = :large WHERE id = 'aspirin'", large=LARGE)
    stamped = await shelf.plan(await shelf.snapshot(BOTH, switched()))
    shelf.run("UPDATE embedding_indexes SET dimensions = 1536 WHERE name = 'docs_v1'")
    sized = await shelf.plan(await shelf.snapshot(BOTH, switched()))

    assert hard(stamped) == [f"docs_v1 holds rows by {LARGE}, not only by {SMALL}: re-embedded in place"]
    assert hard(sized)[0] == f"docs_v1 says 1536 dimensions and holds {SIZE}: re-embedded in place"


async def test_an_index_that_is_empty_gone_or_half_built_is_refused(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    shelf.run("ALTER TABLE embedding_indexes ADD COLUMN progress REAL")
    shelf.run("UPDATE embedding_indexes SET progress = 60 WHERE name = 'docs_v1'")
    shelf.changed["columns"] = {"progress": "progress"}
    half = await shelf.plan(await shelf.snapshot(BOTH, switched()))
    shelf.run("DELETE FROM docs_v1")
    empty = await shelf.plan(await shelf.snapshot(BOTH, switched()))
    shelf.run("DROP TABLE docs_v1")
    gone = await shelf.plan(await shelf.snapshot(BOTH, switched()))

    assert [hard(half), hard(empty), hard(gone)] == [
        ["docs_v1 is only 60 % built"],
        ["docs_v1 is empty"],
        ["docs_v1 is gone: the table docs_v1 does not exist"],
    ]


async def test_the_code_goes_to_no_revision_that_is_newer_failed_or_known_bad(shelf: Shelf) -> None:
    code = app(
        asks(39, SMALL),
        asks(40, SMALL, running="Failed"),
        asks(41, SMALL),
        asks(42, LARGE),
        asks(43, SMALL),
        traffic=(entry(100, 42),),
    )
    snapshot = replace(await shelf.snapshot(code, embedded()), history=marks(bad=(41,)))

    plan = await shelf.plan(snapshot)

    assert [step.body["target"] for step in plan.steps if step.kind == "shift_traffic"] == ["bot--v39"]


async def test_what_does_not_fit_after_all_is_not_proven(shelf: Shelf) -> None:
    plan = await shelf.plan(await shelf.snapshot(BOTH, embedded()))
    proof = next(step for step in plan.steps if step.kind == "prove_embedding")

    _, still = await carried_out(proof, world_of(shelf, BOTH))
    _, silent = await carried_out(proof, world_of(shelf, app(asks(42, ""))))
    shelf.activate("docs_v2")
    _, other = await carried_out(proof, world_of(shelf, BOTH))

    assert still is not None
    assert silent is not None
    assert other is not None
    assert (still.end, still.detail) == (End.FAILED, f"docs_v1 was built by {SMALL}, and {LARGE} asks it")
    assert silent.end is End.UNPROVEN
    assert (other.end, other.detail) == (End.FAILED, "the index in use is docs_v2, not docs_v1")


async def test_an_index_that_finds_little_wants_the_name_typed(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    shelf.run("DELETE FROM docs_v1 WHERE id <> 'aspirin'")

    plan = await shelf.plan(await shelf.snapshot(BOTH, switched()))

    assert "docs_v1 finds the documents of only 1/4 recall questions" in [one.sentence for one in plan.refusals]
    assert plan.needs_typing
    assert plan.steps


async def test_recall_that_stays_low_did_not_help(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    plan = await shelf.plan(await shelf.snapshot(app(asks(42, SMALL)), switched()))
    proof = next(step for step in plan.steps if step.kind == "prove_recall")
    shelf.run("DELETE FROM docs_v1 WHERE id = 'aspirin'")
    shelf.run("DELETE FROM docs_v1 WHERE id = 'ibuprofen'")

    _, result = await carried_out(proof, world_of(shelf, BOTH))

    assert result is not None
    assert result.end is End.FAILED
    assert result.detail == f"it did not help: recall 0/4 (docs_v2 with {SMALL}) → 2/4: missed aspirin, ibuprofen"


async def test_recall_that_is_lower_than_it_was_did_not_help(shelf: Shelf) -> None:
    shelf.changed["recall_limit"] = 0.5
    proof = ProveRecall("docs_v1", SMALL, 0.5, 1.0)
    shelf.run("DELETE FROM docs_v1 WHERE id = 'aspirin'")

    result = await proof.verify(world_of(shelf, BOTH))

    assert (result.end, result.detail) == (End.FAILED, "it did not help: recall 3/4: missed aspirin")


async def test_a_switch_is_believed_only_when_it_was_read_back(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    plan = await shelf.plan(await shelf.snapshot(app(asks(42, SMALL)), switched()))

    result = await revive(plan.steps[0]).verify(world_of(shelf, BOTH))

    assert (result.end, result.detail) == (End.FAILED, "read back: active is docs_v2, not docs_v1")


async def test_a_switch_is_fenced_by_the_registry(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    plan = await shelf.plan(await shelf.snapshot(app(asks(42, SMALL)), switched()))
    world, switch = world_of(shelf, BOTH), plan.steps[0]

    shelf.run("UPDATE embedding_indexes SET active = true")
    moved, _ = await carried_out(switch, world)
    shelf.activate("docs_v1")
    reached, result = await carried_out(switch, world)
    shelf.run("UPDATE embedding_indexes SET embedder = 'another' WHERE name = 'docs_v1'")
    other, _ = await carried_out(switch, world)

    assert moved.ground is Ground.MOVED
    assert moved.detail == "the registry moved meanwhile: active is docs_v1, docs_v2"
    assert reached.ground is Ground.REACHED
    assert result is not None
    assert result.end is End.DONE
    assert other.ground is Ground.MOVED


async def test_an_index_that_was_built_anew_meanwhile_is_not_switched_to(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    door = shelf.door(writing=True)
    goal = (await door.observe(None)).find("docs_v1")
    assert goal is not None
    shelf.run("UPDATE embedding_indexes SET embedder = :large WHERE name = 'docs_v1'", large=LARGE)

    with pytest.raises(Failure, match=f"docs_v1 is {LARGE}, 6 now, not {SMALL}, 6; nothing was changed"):
        await door.writing().switch(("docs_v2",), goal)

    assert shelf.actives() == ["docs_v2"]


async def test_the_transaction_looks_again_under_its_locks(shelf: Shelf) -> None:
    """Whatever happens between the check and the write changes nothing."""
    shelf.activate("docs_v2")
    door = shelf.door(writing=True)
    goal = (await door.observe(None)).find("docs_v1")
    assert goal is not None
    shelf.run("UPDATE embedding_indexes SET active = true")

    with pytest.raises(Failure, match="moved meanwhile: active is docs_v1, docs_v2; nothing was changed") as raised:
        await door.writing().switch(("docs_v2",), goal)

    assert raised.value.kind is FailureKind.CONFLICT
    assert shelf.actives() == ["docs_v1", "docs_v2"]


async def test_the_consoles_own_door_cannot_write(shelf: Shelf) -> None:
    assert shelf.door().writer is None
    with pytest.raises(Failure) as raised:
        shelf.door().writing()
    assert raised.value.kind is FailureKind.NOT_ALLOWED


async def test_a_registry_of_numbers_keeps_its_numbers(pgvector: str, tmp_path: Any) -> None:
    shelf = Shelf(pgvector, tmp_path)
    shelf.run("ALTER TABLE embedding_indexes ALTER COLUMN active TYPE INTEGER USING active::integer")
    shelf.run("UPDATE embedding_indexes SET active = 1 - active")
    door = shelf.door(writing=True)
    state = await door.observe(None)
    goal = state.find("docs_v1")
    assert goal is not None

    await door.writing().switch(("docs_v2",), goal)

    assert state.numbers
    assert shelf.run("SELECT name, active FROM embedding_indexes ORDER BY name") == [("docs_v1", 1), ("docs_v2", 0)]
    shelf.close()


async def test_readers_never_see_two_or_no_active_index(postgres_shelf: Shelf) -> None:
    """Four readers look while two switchers go to and fro."""
    door = postgres_shelf.door(writing=True)
    state = await door.observe(None)
    goals = {one.name: one for one in state.indexes}
    stop, seen = threading.Event(), list[int]()

    def read() -> None:
        engine = create_engine(postgres_shelf.address)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not stop.is_set():
                held = connection.execute(text("SELECT count(*) FROM embedding_indexes WHERE active")).scalar_one()
                seen.append(held)
        engine.dispose()

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    done = 0
    for turn in range(40):
        left, taken = ("docs_v1", "docs_v2") if turn % 2 == 0 else ("docs_v2", "docs_v1")
        both = (door.writing().switch((left,), goals[taken]), door.writing().switch((left,), goals[taken]))
        results = await asyncio.gather(*both, return_exceptions=True)
        done += sum(result is None for result in results)
        assert all(result is None or isinstance(result, Failure) for result in results)
    stop.set()
    for reader in readers:
        reader.join()

    assert done == 40
    assert len(seen) > 100
    assert set(seen) == {1}


async def test_a_lock_that_is_held_is_waited_for_briefly_and_its_holder_named(postgres_shelf: Shelf) -> None:
    postgres_shelf.activate("docs_v2")
    door = postgres_shelf.door(writing=True)
    goal = (await door.observe(None)).find("docs_v1")
    assert goal is not None
    with postgres_shelf.engine.connect() as other:
        other.execute(text("SELECT * FROM embedding_indexes FOR UPDATE"))
        with pytest.raises(Failure, match=r"pid .* holds embedding_indexes") as raised:
            await door.writing().switch(("docs_v2",), goal)

    assert raised.value.kind is FailureKind.CONFLICT
    assert postgres_shelf.actives() == ["docs_v2"]


async def test_an_undo_brings_the_other_index_back_by_the_same_guards(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    code = app(asks(42, SMALL))
    plan = await shelf.plan(await shelf.snapshot(code, switched()))
    shelf.activate("docs_v1")
    code = app(asks(41, LARGE), asks(42, SMALL))
    run = Run(18, "bot", plan=plan)

    undo = await shelf.plan(await shelf.snapshot(code), Intent(Deed.UNDO, "embedding", run=18), undone=run)

    assert (undo.deed, undo.undoes, undo.goal) == ("undo", 18, f"index docs_v2 {LARGE} {SIZE}")
    assert "it brings docs_v2 back, which run 18 rolled away from" in [one.sentence for one in undo.refusals]
    assert hard(undo) == []


async def test_an_undo_of_both_brings_back_the_revision_that_the_run_left(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    plan = await shelf.plan(await shelf.snapshot(BOTH, switched(), embedded()))
    shelf.activate("docs_v1")
    back = app(asks(41, SMALL), asks(42, LARGE), traffic=(entry(100, 41), entry(0, 42)))
    run = Run(18, "bot", plan=plan)

    undo = await shelf.plan(await shelf.snapshot(back), Intent(Deed.UNDO, "embedding", run=18), undone=run)

    (shift,) = [step for step in undo.steps if step.kind == "shift_traffic"]
    assert shift.body["target"] == "bot--v42"
    assert kinds(undo)[:3] == ["ready_revision", "switch_index", "shift_traffic"]
    assert hard(undo) == []


async def test_revisions_that_name_their_index_turn_it_by_serving(shelf: Shelf) -> None:
    shelf.changed["index_env"] = "DOCS_INDEX"
    older = asks(41, SMALL, env=(("EMBEDDING_MODEL", SMALL), ("DOCS_INDEX", "docs_v1")))
    newer = asks(42, LARGE, env=(("EMBEDDING_MODEL", LARGE), ("DOCS_INDEX", "docs_v2")))
    code = app(older, newer)

    snapshot = await shelf.snapshot(code, switched())
    plan = await shelf.plan(snapshot)

    state = snapshot.embedding.state
    assert state is not None
    assert state.active is not None
    assert state.active.name == "docs_v2"
    assert "switch_index" not in kinds(plan)
    assert kinds(plan)[:2] == ["ready_revision", "shift_traffic"]


async def test_an_env_that_names_a_deployment_means_its_embedder(shelf: Shelf) -> None:
    shelf.changed["embedders"] = {"embeddings-2": SMALL}

    state = await shelf.door().observe(app(asks(42, "embeddings-2")))

    assert (state.embedder, state.mismatch) == (SMALL, "")


async def test_what_is_not_configured_is_unknown_and_not_fine(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    shelf.changed = {"vectors": None, "recall_questions": None}

    plan = await shelf.plan(await shelf.snapshot(app(asks(42, SMALL)), switched()))

    said = " ".join(plan.unknown)
    assert "embedding.vectors is not configured" in said
    assert "recall: not measured" in said
    assert kinds(plan) == ["switch_index", "prove_embedding", "see_recovery"]


class TestDropping:
    async def plan(self, shelf: Shelf, name: str = "docs_v1", **more: Any) -> Plan:
        snapshot = await shelf.snapshot(BOTH, **more)
        return await shelf.plan(snapshot, Intent(Deed.DROP_INDEX, "embedding", to=name))

    async def test_the_one_in_use_and_the_one_that_good_needs_are_kept(self, shelf: Shelf) -> None:
        shelf.activate("docs_v2")

        used, needed = await self.plan(shelf, "docs_v2"), await self.plan(shelf, baseline=good(V1))

        assert hard(used) == ["docs_v2 is in use: it cannot be dropped"]
        assert hard(needed) == ["docs_v1 is in the baseline (known good 7a90): without it there is no way back"]

    @pytest.mark.parametrize(("hours", "warned"), [(3, True), (25, False)])
    async def test_a_day_past_validation_it_goes_without_a_warning(
        self, shelf: Shelf, hours: int, warned: bool
    ) -> None:
        shelf.activate("docs_v2")
        at = shelf.moment(NOW - timedelta(hours=hours))
        shelf.run("UPDATE embedding_indexes SET validated_at = :at WHERE name = 'docs_v2'", at=at)

        plan = await self.plan(shelf)

        said = f"docs_v2 was validated {hours} h ago: keep docs_v1 for 24 h"
        assert (said in [one.sentence for one in plan.refusals]) is warned
        assert (plan.risk, plan.needs_typing) == (Risk.IRREVERSIBLE, True)

    async def test_it_takes_table_and_row_together_and_says_so_after_looking(self, shelf: Shelf) -> None:
        shelf.activate("docs_v2")
        plan = await self.plan(shelf)

        finding, result = await carried_out(plan.steps[0], world_of(shelf, BOTH))

        assert finding.ground is Ground.HOLDS
        assert result is not None
        assert (result.end, result.detail) == (End.DONE, "read back: docs_v1 is gone")
        assert [row[0] for row in shelf.run("SELECT name FROM embedding_indexes")] == ["docs_v2"]
        assert not await shelf.door().reader.exists("docs_v1")

    async def test_one_that_came_into_use_meanwhile_is_kept(self, shelf: Shelf) -> None:
        shelf.activate("docs_v2")
        plan = await self.plan(shelf)
        shelf.activate("docs_v1")

        finding, _ = await carried_out(plan.steps[0], world_of(shelf, BOTH))
        with pytest.raises(Failure, match="docs_v1 is active now; nothing was changed"):
            await shelf.door(writing=True).writing().drop("docs_v1", True)

        assert finding.ground is Ground.MOVED
        assert await shelf.door().reader.exists("docs_v1")
        assert len(DOCUMENTS) == len(shelf.run("SELECT 1 FROM docs_v1"))


async def test_everything_back_takes_index_and_embedder_in_one_order(shelf: Shelf) -> None:
    shelf.activate("docs_v2")
    snapshot = await shelf.snapshot(BOTH, switched(), embedded(), baseline=good(V1))
    looked = {"embedding": await shelf.door().look(snapshot, Intent(layer="embedding"))}

    plan = make(shelf.settings, snapshot, Intent(layer="all"), Findings(looked=looked))

    order = kinds(plan)
    assert order.index("ready_revision") < order.index("switch_index") < order.index("shift_traffic")
    assert order.index("shift_traffic") < order.index("prove_embedding") < order.index("see_recovery")
    assert {turn.item: turn.after for turn in plan.turns} == {"index": "docs_v1 3-small 6", "embedder": SMALL}
    assert not plan.needs_typing
