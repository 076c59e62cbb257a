"""What a plan over a prompt shows before anybody confirms it, on both databases."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from console.domain.good import Grade
from console.domain.intent import Deed, Intent
from console.domain.plan import Plan
from console.domain.run import Outcome, Run
from console.layers import kind_of
from console.layers.planning import Findings, NothingToDo
from console.layers.prompt import LAYER
from console.stores.prompts import digest_of
from tests.layers.prompted import NOW, Desk, changed, mark, served
from tests.stores.stocked import TEXTS, Base, called, sqlite, stocked


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return sqlite(tmp_path) if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def base(url: str) -> Base:
    return stocked(url)


@pytest.fixture
async def desk(base: Base) -> AsyncIterator[Desk]:
    desk = Desk(base)
    yield desk
    await desk.close()


def test_the_layer_is_found_by_its_name() -> None:
    assert kind_of("prompt") is LAYER


async def test_the_prompt_that_changed_goes_back_to_what_served_before(desk: Desk) -> None:
    plan = await desk.plan(await desk.snapshot(changed()))
    assert plan.title == "Roll back prompt: drug_info v7 → v6"
    assert (plan.origin, plan.goal) == (("drug_info 7",), "drug_info 6")
    assert (plan.grade, plan.reason) == (Grade.CARRIED, "it served before: drug_info v6→v7; quality not measured")
    assert [step.kind for step in plan.steps] == ["flip_prompt", "prove_prompt", "see_recovery"]
    assert plan.turns[0].then == "created 01 Oct 2026 by ann"
    assert not plan.refusals
    assert plan.app == "system_prompts"
    assert Plan.from_json(plan.to_json()).digest == plan.digest


async def test_both_texts_are_shown_whole_and_placeholders_that_differ_are_named(desk: Desk) -> None:
    desk.base.run("UPDATE system_prompts SET content = 'Hi {{ user }}.\nBe \x1b[31mbold.\n' WHERE version = 7")
    plan = await desk.plan(await desk.snapshot(changed()))
    unified, beside = plan.passages
    assert unified.title == "drug_info v7 → v6: what changes"
    assert "-Be \\x1b[31mbold." in unified.text.splitlines()
    assert "+Use {leaflet} only." in unified.text.splitlines()
    assert "You are a careful pharmacist." in beside.text
    assert all(len(line) <= 80 for line in beside.text.splitlines())
    assert "\x1b" not in plan.to_json()
    assert "v6 wants {leaflet}, which v7 does not have: whether the code fills it" in plan.unknown
    assert "v7 wants {user}, which v6 does not have: whether the code needs it there" in plan.unknown


async def test_the_best_known_older_version_is_chosen_and_never_one_known_bad(desk: Desk) -> None:
    bad, good = mark("drug_info 6", False, "rolled away from"), mark("drug_info 5", True, "the classic")
    plan = await desk.plan(await desk.snapshot(changed(), marks=[bad]))
    assert plan.goal == "drug_info 5"
    plan = await desk.plan(await desk.snapshot(changed(), marks=[good]))
    assert (plan.goal, plan.reason) == ("drug_info 5", "marked good by bob: the classic")
    plan = await desk.plan(await desk.snapshot(changed(before="5"), baseline=served("5")))
    assert (plan.goal, plan.grade) == ("drug_info 5", Grade.PROVED)
    with pytest.raises(NothingToDo, match="every older version of drug_info is known bad: v6, v5"):
        await desk.plan(await desk.snapshot(changed(), marks=[bad, mark("drug_info 5", False)]))


async def test_a_version_that_is_named_is_taken_and_what_speaks_against_it_is_said(desk: Desk) -> None:
    snapshot = await desk.snapshot(changed(), marks=[mark("drug_info 6", False, "rolled away from")])
    plan = await desk.plan(snapshot, Intent(layer="prompt", item="drug_info", to="v6"))
    assert [(one.sentence, one.overridable) for one in plan.refusals] == [
        ("v6 is known bad: rolled away from (bob)", True)
    ]
    desk.base.run(
        "INSERT INTO system_prompts VALUES ('drug_info', 8, 'new', (1 = 0), '2026-11-21 03:05:00+00:00', 'ci')"
    )
    plan = await desk.plan(await desk.snapshot(changed()), Intent(layer="prompt", item="drug_info", to="8"))
    assert [(one.sentence, one.overridable) for one in plan.refusals] == [
        ("v8 is newer than what serves: this does not go back", True)
    ]


@pytest.mark.parametrize(
    ("intent", "why"),
    [
        (Intent(layer="prompt"), "no prompt changed since known good 7a90: name one (drug_info, triage)"),
        (Intent(layer="prompt", item="nobody"), "there is no prompt nobody: there are drug_info, triage"),
        (
            Intent(layer="prompt", item="drug_info", to="9"),
            "there is no version 9 of drug_info: there are v7, v6, v5",
        ),
        (Intent(layer="prompt", item="drug_info", to="v7"), "v7 of drug_info serves already"),
        (Intent(layer="prompt", item="triage"), "v3 is the oldest version of triage that exists"),
    ],
)
async def test_where_there_is_nothing_to_do_it_says_why(desk: Desk, intent: Intent, why: str) -> None:
    with pytest.raises(NothingToDo) as raised:
        await desk.plan(await desk.snapshot(), intent)
    assert raised.value.sentence == why


async def test_several_active_versions_want_the_name_typed(desk: Desk) -> None:
    desk.base.run("DROP INDEX one_active")
    desk.base.run("UPDATE system_prompts SET is_active = (1 = 1) WHERE version = 6")
    snapshot = await desk.snapshot()
    assert LAYER.trouble(snapshot.prompt.state, None) == "drug_info: 2 versions are active: 7, 6"
    plan = await desk.plan(snapshot)
    assert plan.goal == "drug_info 5"
    assert plan.refusals[0].overridable
    assert plan.refusals[0].sentence == "drug_info: 2 versions are active: 7, 6; this leaves v5 alone"
    assert plan.steps


async def test_hostile_names_are_shown_and_not_written(desk: Desk) -> None:
    hostile = "x\x1b]0;owned\x07\nSQL\nrm -rf /\u202e"
    query = "INSERT INTO system_prompts VALUES (?, ?, 'text', ?, ?, ?)"
    desk.base.run(query, *((hostile, n, n == 2, f"2026-01-0{n} 00:00:00+00:00", "eve") for n in (1, 2)))
    state = (await desk.snapshot()).prompt.state
    assert state is not None
    item = next(one.item for one in state.prompts if one.name.startswith("x"))
    plan = await desk.plan(await desk.snapshot(), Intent(layer="prompt", item=item))
    assert plan.refused is not None
    assert "holds characters that do not show: it is not written from here" in plan.refused.sentence
    assert not plan.steps
    assert plan.by_hand == ""
    assert not {"\x1b", "\x07", "\u202e"} & set(plan.to_json())


async def test_how_long_a_cache_may_hold_and_what_cannot_be_proven_is_said(base: Base) -> None:
    desk = Desk(base, logged=False, golden=True)
    plan = await desk.plan(await desk.snapshot(changed()))
    assert "the service may hold v7 in its cache for 60 s after this" in plan.unknown
    assert "which version answers afterwards: the call log is not configured" in plan.unknown
    assert "for 60 s both versions may answer" in plan.afterwards
    assert [step.kind for step in plan.steps] == ["flip_prompt", "prove_prompt", "prove_answers", "see_recovery"]
    await desk.close()


async def test_calls_tell_since_when_a_version_serves_and_what_did_before(desk: Desk) -> None:
    before = [(f"2026-11-20 0{n}:00:00+00:00", "drug_info", 6) for n in range(4)]
    after = [(f"2026-11-21 03:0{n}:00+00:00", "drug_info", 7) for n in range(3)]
    desk.clock.at = NOW
    called(desk.base, [*before, *after])
    snapshot = await desk.snapshot()
    state = snapshot.prompt.state
    assert state is not None
    prompt = state.prompts[0]
    assert (prompt.was, prompt.calls, prompt.source) == ("6", 3, "the call log")
    assert f"{prompt.since:%H:%M}" == "03:00"
    facet = LAYER.facets(state, None)[0]
    assert (facet.version, facet.words, facet.before, facet.by, facet.source) == (
        "7",
        "v7",
        "6",
        "ann",
        "the call log",
    )
    plan = await desk.plan(await desk.snapshot(changed()))
    assert plan.turns[0].now == "serves since 21 Nov 03:00Z (the call log), 3 calls since"


async def test_without_calls_the_creation_is_what_is_known(base: Base) -> None:
    desk = Desk(base, logged=False)
    state = (await desk.snapshot()).prompt.state
    facet = LAYER.facets(state, None)[0]
    assert (f"{facet.since:%Y-%m-%d %H:%M}", facet.source) == ("2026-11-21 02:50", "its creation")
    await desk.close()


async def test_a_version_that_serves_again_has_its_calls_counted_from_then_on(desk: Desk) -> None:
    desk.base.run("ALTER TABLE system_prompts ADD COLUMN activated_at {moment}")
    desk.base.run("UPDATE system_prompts SET activated_at = '2026-11-21 03:00:00+00:00' WHERE version = 7")
    desk.clock.at = NOW
    moments = ((1, 7), (2, 6), (3, 7))
    called(
        desk.base, [(f"2026-11-21 0{hour}:0{n}:00+00:00", "drug_info", v) for hour, v in moments for n in range(4)]
    )
    state = (await desk.snapshot()).prompt.state
    assert state is not None
    assert (state.prompts[0].calls, state.prompts[0].source) == (4, "the table")


async def test_who_holds_the_table_open_is_told_beforehand(postgres_url: str) -> None:
    desk = Desk(stocked(postgres_url))
    snapshot = await desk.snapshot(changed())
    with closing(desk.base.connect()) as other:
        other.execute("SET application_name = 'bob-psql'")
        other.execute("LOCK TABLE system_prompts IN ROW EXCLUSIVE MODE")
        plan = await desk.plan(snapshot)
    held = [line for line in plan.unknown if "bob-psql" in line]
    assert len(held) == 1
    assert "holds system_prompts: the flip waits at most 2 s for it" in held[0]
    assert "you may write system_prompts" in [note.text for note in plan.checked]
    await desk.close()


@pytest.mark.parametrize("mode", ["flag", "pointer", "sql"])
async def test_what_is_printed_by_hand_does_the_same_when_pasted(url: str, mode: str) -> None:
    base = stocked(url, mode)
    awkward = "it's \\ $HOME `id` :v é"
    table = "system_prompts"
    base.run(f"UPDATE {table} SET name = ? WHERE name = 'drug_info'", (awkward,))
    if mode == "pointer":
        base.run("UPDATE active_prompts SET name = ? WHERE name = 'drug_info'", (awkward,))
    desk = Desk(base, mode)
    plan = await desk.plan(await desk.snapshot(), Intent(layer="prompt", item=awkward, to="6"))
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PGCLIENTENCODING": "UTF8"}
    ended = subprocess.run(["sh", "-c", plan.by_hand], capture_output=True, text=True, env=environment)
    assert (ended.returncode, ended.stderr) == (0, ""), plan.by_hand
    state = (await desk.snapshot()).prompt.state
    assert state is not None
    assert [(one.name, one.active) for one in state.prompts] == [(awkward, ("6",)), ("triage", ("3",))]
    await desk.close()


async def test_by_hand_never_leaves_a_prompt_without_an_active_version(desk: Desk) -> None:
    plan = await desk.plan(await desk.snapshot(changed()))
    desk.base.run("DELETE FROM system_prompts WHERE version = 6")
    subprocess.run(["sh", "-c", plan.by_hand], capture_output=True, check=True)
    assert desk.base.active() == [7]


async def test_an_undo_brings_back_what_the_run_left(desk: Desk) -> None:
    plan = await desk.plan(await desk.snapshot(changed()))
    run = Run(18, "bot", plan, confirmed_at=NOW, outcome=Outcome.VERIFIED)
    desk.base.run("UPDATE system_prompts SET is_active = (1 = 0) WHERE version = 7")
    desk.base.run("UPDATE system_prompts SET is_active = (1 = 1) WHERE version = 6")
    intent = Intent(Deed.UNDO, "prompt", run=18)
    snapshot = await desk.snapshot(marks=[mark("drug_info 7", False, "rolled away from")])
    undo = await _undone(desk, snapshot, intent, run)
    assert undo.title == "Undo run 18: drug_info → v7 as before"
    assert (undo.goal, undo.undoes, undo.deed) == ("drug_info 7", 18, Deed.UNDO)
    assert [one.sentence for one in undo.refusals] == ["it brings v7 back, which run 18 rolled away from"]
    assert undo.needs_typing
    assert undo.steps[0].body["digest"] == digest_of(TEXTS["drug_info", 7])


async def test_each_of_several_prompts_that_changed_has_its_own_text_in_a_plan_over_all(desk: Desk) -> None:
    """The plan over all goes to what served before, whatever a plan of one prompt alone would choose."""
    desk.base.run(
        "INSERT INTO system_prompts VALUES ('triage', 2, 'old', (1 = 0), '2026-01-01 00:00:00+00:00', 'ann')"
    )
    good = mark("drug_info 5", True)
    snapshot = await desk.snapshot(changed(), changed("triage", "2", "3"), marks=[good])
    seen = await desk.door.look(snapshot, Intent(layer="prompt"))
    for item, to, text in (("drug_info", "6", TEXTS["drug_info", 6]), ("triage", "2", "old")):
        intent = Intent(layer="prompt", item=item, to=to)
        plan = LAYER.plan(desk.settings, snapshot, intent, Findings(looked={"prompt": seen}))
        assert plan.steps[0].body["digest"] == digest_of(text)
        assert len(plan.passages) == 2


async def test_an_undo_whose_text_nobody_read_is_fenced_by_what_the_run_knew(desk: Desk) -> None:
    plan = await desk.plan(await desk.snapshot(changed()))
    run = Run(18, "bot", plan, confirmed_at=NOW, outcome=Outcome.VERIFIED)
    desk.base.run("UPDATE system_prompts SET is_active = (1 = 0) WHERE version = 7")
    desk.base.run("UPDATE system_prompts SET is_active = (1 = 1) WHERE version = 6")
    undo = await _undone(desk, await desk.snapshot(), Intent(Deed.UNDO, "prompt", run=18), run)
    assert undo.steps[0].body["digest"] == digest_of(TEXTS["drug_info", 7])
    assert "the text of v7: not read for this plan" in undo.unknown


async def _undone(desk: Desk, snapshot: Any, intent: Intent, run: Run) -> Plan:
    return await desk.plan(snapshot, intent, undone=run)
