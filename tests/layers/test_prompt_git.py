"""Prompts in git: which commit serves, and the way back by a revision or by exactly that revert."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from console.config.layer_settings import PromptSettings
from console.domain.change import Change
from console.domain.code import Condition
from console.domain.failure import Failure, FailureKind
from console.domain.good import History, Mark
from console.domain.intent import ALL, Deed, Intent
from console.domain.plan import Plan, Risk, StepRecord
from console.domain.run import Kind
from console.domain.traffic import TrafficEntry
from console.layers.planning import Findings, NothingToDo
from console.layers.prompt import LAYER
from console.plan import make
from console.steps import revive
from console.steps.await_revision import AwaitRevision, holding
from console.steps.step import End, Ground
from tests.engine.apps import app, entry
from tests.layers.gitted import NOW, VARIABLE, Azure, Gitted, at, carried_out
from tests.stores.git_world import PROMPT, GitWorld

REVERT = Intent(layer="prompt", way="revert")


@pytest.fixture
def world(tmp_path: Path) -> GitWorld:
    """A good prompt, a README, the bad prompt, and code that is not deployed yet."""
    made = GitWorld(tmp_path / "git")
    made.commit("Answer from leaflets only.\n", "Answer from leaflets only")
    made.commit("# bot\n", "Say where to ask", path="README.md")
    made.commit("Answer.\n", "shorter prompt")
    made.commit("pass\n", "not deployed yet", path="app.py")
    return made


@pytest.fixture
def bot(world: GitWorld) -> Gitted:
    """v42 was made of the bad commit and has all the traffic; v41 of the one before it."""
    good, innocent, bad, _ = world.commits
    return Gitted(world, Azure(app(at(40, good), at(41, innocent[:9]), at(42, bad))))


def without_older(bot: Gitted) -> None:
    """No revision is left that holds the good prompt."""
    bot.azure.state = replace(bot.azure.state, revisions=bot.azure.state.revisions[:1])


def kinds(plan: Plan) -> list[str]:
    return [step.kind for step in plan.steps]


def step(plan: Plan, kind: str) -> StepRecord:
    return next(one for one in plan.steps if one.kind == kind)


def hard(plan: Plan) -> list[str]:
    return [one.sentence for one in plan.refusals if not one.overridable]


async def test_what_serves_is_the_newest_commit_of_the_prompts_that_the_revision_holds(bot: Gitted) -> None:
    facet = await bot.facet()
    state = (await bot.snapshot()).prompt.state

    assert facet.version == bot.world.commits[2]
    assert (facet.words, facet.by, facet.before) == (bot.world.commits[2][:9], "Alice", bot.world.commits[0])
    assert (facet.since, facet.source) == (NOW - timedelta(days=58), "the creation of v42")
    assert state is not None
    assert [one.note for one in state.prompts[0].versions] == ["shorter prompt", "Answer from leaflets only"]
    assert state.place == "prompts/** in origin/main"
    assert LAYER.trouble(state, bot.azure.state) == ""


async def test_a_deployment_that_leaves_the_prompts_alone_does_not_change_since_when_they_serve(bot: Gitted) -> None:
    bot.azure.deployed(43, bot.world.commits[3], share=100)

    facet = await bot.facet()

    assert (facet.version, facet.since) == (bot.world.commits[2], NOW - timedelta(days=58))
    assert facet.before == bot.world.commits[0]


async def test_another_revision_serves_before_git_was_asked_about_it(bot: Gitted) -> None:
    observed = await bot.door.observe(None)
    bot.azure.deployed(43, "f" * 40, share=100)

    beside = LAYER.beside(observed, bot.azure.state)

    assert beside.prompts[0].serves == bot.world.commits[2]
    assert (await bot.facet()).version == "unknown, deployed " + "f" * 40


async def test_what_is_not_known_is_said(bot: Gitted) -> None:
    said = {}
    for name, commit in (("nothing", ""), ("no commit", "v1.4.2"), ("elsewhere", "f" * 40), ("option", "--all")):
        bot.azure.state = app(at(42, commit))
        state = (await bot.snapshot()).prompt.state
        assert state is not None
        said[name] = LAYER.trouble(state, bot.azure.state)
        with pytest.raises(NothingToDo, match=r"is not known|is not in this clone"):
            await bot.plan()

    assert said["nothing"] == f"the revision that serves has no env {VARIABLE}: which commit is deployed is not known"
    assert "the deployed commit v1.4.2 is not in this clone" in said["no commit"]
    assert "f" * 40 in said["elsewhere"]


async def test_a_remote_that_does_not_answer_leaves_what_is_known(bot: Gitted) -> None:
    bot.world.git("remote", "set-url", "origin", "/nonexistent/origin.git")

    snapshot = await bot.snapshot()

    assert snapshot.prompt.state is not None
    assert snapshot.prompt.state.prompts[0].serves == bot.world.commits[2]
    assert "the commits are as last fetched" in snapshot.prompt.state.unread
    reverting = await bot.plan(REVERT)
    assert hard(reverting)[0].startswith("git in clone: fetch: fatal: ")
    assert kinds(await bot.plan())[:2] == ["ready_revision", "shift_traffic"]


async def test_a_shallow_clone_asks_for_the_deployed_commit_alone(bot: Gitted, tmp_path: Path) -> None:
    place = tmp_path / "shallow"
    bot.world.git("clone", "--quiet", "--depth=1", f"file://{bot.world.origin}", str(place), where=tmp_path)
    bot.changed = {"repo": str(place)}
    bot.door = bot.opened(writing=False)

    assert (await bot.facet()).version == bot.world.commits[2]


async def test_hostile_words_are_shown_and_not_obeyed(bot: Gitted) -> None:
    bad = bot.world.commit("\x1b[2J\n", "[@click=app.x]\x1b]0;owned\x07\u202e")
    bot.azure.deployed(43, bad, share=100)

    plan = await bot.plan(REVERT)
    shown = plan.to_json() + await bot.door.text("prompts", bad)

    assert not any(one in shown for one in ("\x1b", "\\u001b", "\x07", "\u202e", "\\u202e\\u202e"))
    assert "\\x1b" in plan.passages[0].text


async def test_an_older_revision_that_holds_the_prompts_is_proposed_first(bot: Gitted) -> None:
    plan = await bot.plan(may_write=True)

    assert (plan.way, [way.name for way in plan.ways]) == ("revision", ["revision", "revert"])
    assert kinds(plan) == ["ready_revision", "shift_traffic", "prove_serving", "see_recovery"]
    assert step(plan, "shift_traffic").body["target"] == "bot--v41"
    assert (plan.risk, plan.refusals) == (Risk.REVERSIBLE, ())
    assert plan.origin == (f"prompts {bot.world.commits[2]}", "bot--v42")
    assert plan.goal == f"prompts {bot.world.commits[0]}"
    assert plan.differences == ("image 42 → 41", f"config: {VARIABLE}")
    assert plan.stays == (f"{bot.world.commits[2][:9]} stays on main: no revert is pushed by this",)
    assert f"git revert --no-edit {bot.world.commits[2]}" in plan.afterwards[0]
    assert "or it comes back" in plan.afterwards[0]


async def test_a_revision_that_is_known_bad_or_newer_is_not_gone_back_to(bot: Gitted) -> None:
    bot.azure.deployed(43, bot.world.commits[1])
    bad = {name: Mark(name, False, "run 3", NOW) for name in ("bot--v41", "bot--v40")}

    plan = await bot.plan(snapshot=await bot.snapshot(history=History(bad)))

    assert (plan.way, [way.name for way in plan.ways]) == ("revert", ["revert"])


async def test_the_revert_goes_through_the_pipeline_and_then_the_traffic(bot: Gitted) -> None:
    before = bot.world.untouched()

    plan = await bot.plan(REVERT)

    commit = step(plan, "push_revert").body["commit"]
    assert kinds(plan) == ["push_revert", "await_revision", "serve_commit", "prove_commit", "see_recovery"]
    assert [one.kind for one in plan.steps if one.turns] == ["serve_commit"]
    assert (plan.way, plan.risk, plan.refusals) == ("revert", Risk.SLOW, ())
    assert plan.turns[0].then == "Answer from leaflets only"
    assert bot.world.git("rev-parse", f"{commit}^").strip() == bot.world.commits[2]
    assert bot.world.git("show", f"{commit}:{PROMPT}") == "Answer from leaflets only.\n"
    assert "app.py" not in bot.world.git("ls-tree", "-r", "--name-only", commit)
    assert "+Answer from leaflets only." in plan.passages[0].text
    assert any("you may push rollback/" in note.text for note in plan.checked)
    assert any("exactly those of" in note.text for note in plan.checked)
    assert f"git -C {bot.world.clone} push --no-verify origin {commit}:refs/heads/rollback/" in plan.by_hand
    assert "--force" not in plan.by_hand
    assert "starts_with" in plan.by_hand
    assert list(bot.world.heads()) == ["main"]
    assert bot.world.untouched() == before


async def test_a_plan_that_is_made_again_is_the_same_plan(bot: Gitted) -> None:
    first = await bot.plan(REVERT)
    bot.clock.at += timedelta(hours=1)

    assert (await bot.plan(REVERT)).digest == first.digest


async def test_a_draft_asks_git_nothing_and_promises_nothing(bot: Gitted) -> None:
    drafted = LAYER.plan(bot.settings, await bot.snapshot(), REVERT, Findings())

    assert (drafted.way, drafted.steps, drafted.refusals) == ("revert", (), ())
    assert drafted.goal == f"prompts {bot.world.commits[0]}"


async def test_everything_since_the_goal_is_taken_back(bot: Gitted) -> None:
    middle = bot.world.commit("Be rude.\n", "tone", path="prompts/tone.md")
    newest = bot.world.commit("Answer!\n", "louder")
    bot.azure.deployed(43, newest, share=100)
    without_older(bot)
    changed = Change("prompt", "prompts", bot.world.commits[0], newest)

    plan = await bot.plan(snapshot=await bot.snapshot(changed))
    last = await bot.plan()

    commit = step(plan, "push_revert").body["commit"]
    assert plan.goal == f"prompts {bot.world.commits[0]}"
    assert bot.world.git("ls-tree", "-r", "--name-only", commit).split() == ["README.md", "app.py", PROMPT]
    assert bot.world.git("show", f"{commit}:{PROMPT}") == "Answer from leaflets only.\n"
    assert "3 commits are taken back" in plan.reason
    assert last.goal == f"prompts {middle}"


async def test_the_wanted_commit_is_named_by_its_first_digits(bot: Gitted) -> None:
    good = bot.world.commits[0]

    plan = await bot.plan(Intent(layer="prompt", way="revert", to=good[:7]))

    assert plan.goal == f"prompts {good}"
    for wanted, why in (
        (bot.world.commits[2], "are deployed already"),
        ("-1", "no commit -1"),
        ("f" * 9, "no commit"),
    ):
        with pytest.raises(NothingToDo, match=why):
            await bot.plan(Intent(layer="prompt", to=wanted))
    with pytest.raises(NothingToDo, match="nothing to undo"):
        await bot.plan(Intent(Deed.UNDO, "prompt"))


async def test_what_is_known_bad_is_not_chosen_and_only_typed_for(bot: Gitted) -> None:
    good = bot.world.commits[0]
    bad = History({f"prompts {good}": Mark(f"prompts {good}", False, "bob", NOW, "wrong doses")})
    snapshot = await bot.snapshot(history=bad)

    with pytest.raises(NothingToDo, match="not known bad"):
        await bot.plan(snapshot=snapshot)
    typed = await bot.plan(Intent(layer="prompt", way="revert", to=good), snapshot)

    assert [one.sentence for one in typed.refusals] == [f"{good[:9]} is known bad: wrong doses (bob)"]
    assert typed.needs_typing
    assert typed.steps


async def test_a_newer_commit_than_what_serves_is_no_way_back(bot: Gitted) -> None:
    newer = bot.world.commit("Better?\n", "not deployed yet either")

    plan = await bot.plan(Intent(layer="prompt", way="revert", to=newer))

    assert "is not among what touched the prompts before" in hard(plan)[0]
    assert plan.steps == ()


async def test_a_merge_wants_a_parent_chosen(bot: Gitted) -> None:
    world = bot.world
    world.git("checkout", "--quiet", "-b", "side", world.commits[0])
    side = world.commit("Be brief.\n", "tone", path="prompts/tone.md", push=False)
    world.git("checkout", "--quiet", "main")
    merge = world.merge("side")
    bot.azure.deployed(43, merge, share=100)
    without_older(bot)
    on_main = world.commits[2]

    unsure = await bot.plan(Intent(layer="prompt", to=on_main))
    first = await bot.plan(Intent(layer="prompt", to=on_main, way="parent-1"))
    second = await bot.plan(Intent(layer="prompt", to=on_main, way="parent-2"))

    assert hard(unsure) == [f"{merge[:9]} is a merge: choose which parent stays (way parent-1 or parent-2)"]
    assert [way.name for way in unsure.ways] == ["parent-1", "parent-2"]
    assert f"keep {side[:9]}" in unsure.ways[1].title
    assert (first.way, first.refusals) == ("parent-1", ())
    commit = step(first, "push_revert").body["commit"]
    assert world.git("ls-tree", "-r", "--name-only", commit).split() == ["README.md", "app.py", PROMPT]
    assert world.git("show", f"{commit}:{PROMPT}") == "Answer.\n"
    assert [one.overridable for one in second.refusals] == [True, True]
    assert "would not be as at the goal" in second.refusals[1].sentence


async def test_a_conflict_is_refused_with_its_paths(bot: Gitted) -> None:
    bot.world.commit("Answer quickly.\n", "prompt and code", app_py="import this\n")
    built_upon = bot.world.commit("import that\n", "code alone", path="app.py")
    bot.azure.deployed(43, built_upon, share=100)
    before = bot.world.untouched()

    plan = await bot.plan(REVERT)

    assert hard(plan) == ["the revert conflicts in app.py: it wants a person"]
    assert plan.steps == ()
    assert bot.world.untouched() == before


async def test_what_was_deployed_from_elsewhere_has_diverged(bot: Gitted) -> None:
    bot.world.git("checkout", "--quiet", "-b", "release", bot.world.commits[1])
    bad = bot.world.commit("Answer whatever.\n", "hot fix")
    bot.azure.deployed(43, bad, share=100)

    plan = await bot.plan(REVERT)

    assert hard(plan) == [f"diverged: the deployed commit {bad[:9]} is not part of origin/main"]
    assert plan.steps == ()


async def test_uncommitted_prompts_are_told_and_not_touched(bot: Gitted) -> None:
    (bot.world.clone / PROMPT).write_text("half a thought")
    before = bot.world.untouched()

    plan = await bot.plan(REVERT)

    assert "your own tree has uncommitted prompts: they are neither used nor touched" in plan.unknown
    assert plan.refusals == ()
    assert bot.world.untouched() == before


async def test_other_files_of_the_commit_go_back_with_it_only_if_typed(bot: Gitted) -> None:
    bad = bot.world.commit("Answer quickly.\n", "prompt and code", app_py="import this\n")
    bot.azure.deployed(43, bad, share=100)
    without_older(bot)

    plan = await bot.plan()

    assert [(one.sentence, one.overridable) for one in plan.refusals] == [
        ("the commit also changed app.py: that goes back with it", True)
    ]
    assert plan.needs_typing
    assert plan.steps


async def test_a_remote_that_would_not_take_the_push_refuses_the_plan(bot: Gitted) -> None:
    bot.world.receiving('echo "ERROR: Permission denied" >&2; exit 1')

    plan = await bot.plan(REVERT)

    assert hard(plan) == ["the remote would not take the push: ERROR: Permission denied"]
    assert plan.steps == ()


async def test_a_branch_of_that_name_at_another_commit_is_refused(bot: Gitted) -> None:
    name = f"rollback/{bot.world.commits[2][:9]}"
    bot.world.git("push", "--quiet", "origin", f"{bot.world.commits[0]}:refs/heads/{name}")

    plan = await bot.plan(REVERT)

    assert hard(plan) == [f"{name} exists already on origin, at another commit ({bot.world.commits[0][:9]})"]


async def test_the_same_revert_that_somebody_pushed_before_is_gone_on_with(bot: Gitted) -> None:
    first = await bot.plan(REVERT)
    await carried_out(step(first, "push_revert"), bot.steps())
    bot.clock.at += timedelta(hours=1)
    bot.door = bot.opened(writing=False)

    second = await bot.plan(REVERT)
    finding, result = await carried_out(step(second, "push_revert"), bot.steps())

    assert step(second, "push_revert").body["commit"] == step(first, "push_revert").body["commit"]
    assert any("nothing is pushed again" in note.text for note in second.checked)
    assert finding.ground is Ground.REACHED
    assert result is not None
    assert result.end is End.DONE


async def test_the_whole_way_is_carried_out_and_proven(bot: Gitted) -> None:
    plan = await bot.plan(REVERT)
    commit = step(plan, "push_revert").body["commit"]
    steps, before = bot.steps(), bot.world.untouched()

    def pipeline() -> None:
        if len(bot.azure.state.revisions) == 3 and bot.clock.at - NOW > timedelta(seconds=20):
            bot.azure.deployed(43, commit[:12])

    bot.clock.then = pipeline
    found = {one.kind: await carried_out(one, steps) for one in plan.steps if one.kind != "see_recovery"}
    after = bot.world.untouched()
    facet = await bot.facet()

    assert {kind: result.end for kind, (_, result) in found.items() if result} == {
        "push_revert": End.DONE,
        "await_revision": End.DONE,
        "serve_commit": End.DONE,
        "prove_commit": End.DONE,
    }
    assert bot.world.heads() == {"main": bot.world.commits[3], f"rollback/{bot.world.commits[2][:9]}": commit}
    assert bot.azure.patches == [(entry(100, 43), entry(0, 42))]
    assert (Kind.SERVING, "66 answers in a row from v43") in bot.told
    assert facet.version == commit
    assert (facet.before, facet.words) == (bot.world.commits[2], commit[:9])
    assert {name for name in after if after[name] != before.get(name)} == {"refs"}


async def test_only_the_runner_can_push(bot: Gitted) -> None:
    plan = await bot.plan(REVERT)

    with pytest.raises(Failure) as raised:
        await carried_out(step(plan, "push_revert"), bot.steps(writing=False))

    assert raised.value.kind is FailureKind.NOT_ALLOWED
    assert bot.door.pusher is None
    assert not hasattr(bot.door.remote, "push")
    assert list(bot.world.heads()) == ["main"]


def _deploy(bot: Gitted) -> None:
    bot.azure.deployed(43, bot.world.commits[3], share=100)


def _branch(bot: Gitted) -> None:
    name = f"rollback/{bot.world.commits[2][:9]}"
    bot.world.git("push", "--quiet", "origin", f"{bot.world.commits[0]}:refs/heads/{name}")


def _pruned(bot: Gitted) -> None:
    bot.world.git("gc", "--quiet", "--prune=now")


@pytest.mark.parametrize(
    ("moved", "why"),
    [
        (_deploy, "v43 serves meanwhile, not v42"),
        (_branch, "exists already, at another commit"),
        (_pruned, "is not in this clone any more"),
    ],
)
async def test_what_moved_since_the_plan_stops_the_push(
    bot: Gitted, moved: Callable[[Gitted], None], why: str
) -> None:
    plan = await bot.plan(REVERT)
    moved(bot)
    heads = bot.world.heads()

    finding, _ = await carried_out(step(plan, "push_revert"), bot.steps())

    assert finding.ground is Ground.MOVED
    assert why in finding.detail
    assert bot.world.heads() == heads


async def test_a_protected_branch_ends_the_run_with_the_remotes_own_words(bot: Gitted) -> None:
    plan = await bot.plan(REVERT)
    bot.world.hook(bot.world.origin, "pre-receive", 'echo "rollback/* is protected" >&2; exit 1')

    with pytest.raises(Failure) as raised:
        await carried_out(step(plan, "push_revert"), bot.steps())

    assert raised.value.kind is FailureKind.REJECTED
    assert "rollback/* is protected" in raised.value.sentence
    assert bot.azure.patches == []


async def test_a_push_that_was_cut_after_it_was_taken_is_read_back(bot: Gitted) -> None:
    plan = await bot.plan(REVERT)
    cut = Path(__file__).parents[1] / "stores" / "cut_after.py"
    bot.world.receiving(f'exec {sys.executable} {cut} "$1"')
    record, steps = step(plan, "push_revert"), bot.steps()

    with pytest.raises(Failure) as raised:
        await carried_out(record, steps)
    result = await revive(record).verify(steps)

    assert raised.value.kind is FailureKind.UNKNOWN
    assert result.end is End.DONE


async def test_a_push_of_which_nothing_is_seen_stays_unknown(bot: Gitted) -> None:
    plan = await bot.plan(REVERT)
    never = await revive(step(plan, "push_revert")).verify(bot.steps())
    bot.world.git("remote", "set-url", "origin", "/nonexistent/origin.git")
    unread = await revive(step(plan, "push_revert")).verify(bot.steps())

    assert (never.end, unread.end) == (End.UNKNOWN, End.UNKNOWN)
    assert "the remote has no rollback/" in never.detail


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "no revision holds"),
        ({"provisioning": "Provisioning"}, "is starting"),
        ({"running": "Failed"}, "fails to start"),
        ({"active": False}, "is inactive"),
        ({"status": 500}, "answers 500"),
        ({"replicas": 0, "status": None}, "answers nothing"),
    ],
)
async def test_the_pipeline_is_waited_for_and_no_traffic_moves_without_it(
    bot: Gitted, said: dict[str, object], told: str
) -> None:
    commit = "c" * 40
    status = said.pop("status", 200)
    bot.azure.statuses = {"bot--v43": status}  # type: ignore[dict-item]
    if told != "no revision holds":
        bot.azure.deployed(43, commit, **said)

    result = await AwaitRevision(VARIABLE, commit, 60.0).verify(bot.steps())

    assert result.end is End.FAILED
    assert told in result.detail
    assert "no traffic was moved" in result.detail
    assert bot.clock.at - NOW <= timedelta(seconds=62)


async def test_a_revision_that_sleeps_is_woken_and_one_behind_a_wall_is_believed(bot: Gitted) -> None:
    commit = "c" * 40
    bot.azure.deployed(43, commit, replicas=0)
    asleep = await AwaitRevision(VARIABLE, commit, 60.0).verify(bot.steps())
    bot.azure.state = app(at(43, commit))
    bot.azure.statuses = {"bot--v43": None}
    walled = await AwaitRevision(VARIABLE, commit, 60.0).verify(bot.steps())

    assert bot.azure.state.revisions[0].condition is Condition.READY
    assert (asleep.end, walled.end) == (End.DONE, End.DONE)
    assert "cannot be asked from here" in walled.detail


def test_only_enough_digits_name_a_commit() -> None:
    commit = "abcdef0123" + "0" * 30
    state = app(at(41, "abcdef"), at(42, "abcdef0123ff"), at(43, ""), at(44, "ABCDEF0123"))

    assert holding(state, VARIABLE, commit) == state.find("bot--v44")
    assert holding(app(at(41, "abcdef"), at(43, "")), VARIABLE, commit) is None


async def served(bot: Gitted, plan: Plan) -> StepRecord:
    """The pipeline has deployed the revert; the step that gives it the traffic."""
    bot.azure.deployed(43, step(plan, "push_revert").body["commit"])
    return step(plan, "serve_commit")


async def test_the_traffic_is_moved_only_as_it_was_shown(bot: Gitted) -> None:
    record = await served(bot, await bot.plan(REVERT))
    bot.azure.state = replace(bot.azure.state, traffic=(entry(50, 42), entry(50, 41)))

    finding, _ = await carried_out(record, bot.steps())

    assert (finding.ground, bot.azure.patches) == (Ground.MOVED, [])
    assert "v42 50 %, v41 50 %" in finding.detail


async def test_nobody_elses_newer_deployment_is_taken_the_traffic_from(bot: Gitted) -> None:
    latest = (TrafficEntry(100, latest=True),)
    bot.azure.state = replace(bot.azure.state, traffic=latest)
    record = await served(bot, await bot.plan(REVERT))
    bot.azure.deployed(44, bot.world.commits[3])

    finding, _ = await carried_out(record, bot.steps())

    assert (finding.ground, bot.azure.patches) == (Ground.MOVED, [])


@pytest.mark.parametrize("mode", ["Multiple", "Single"])
async def test_where_azure_gives_the_traffic_itself_nothing_is_sent(bot: Gitted, mode: str) -> None:
    latest = (TrafficEntry(100, latest=True),)
    bot.azure.state = replace(bot.azure.state, traffic=latest, mode=mode)
    record = await served(bot, await bot.plan(REVERT))

    finding, result = await carried_out(record, bot.steps())

    assert (finding.ground, bot.azure.patches) == (Ground.REACHED, [])
    assert result is not None
    assert result.end is End.DONE
    assert (record.command == "") is (mode == "Single")


async def test_in_single_mode_the_traffic_is_waited_for(bot: Gitted) -> None:
    bot.azure.state = replace(bot.azure.state, mode="Single")
    record = await served(bot, await bot.plan(REVERT))

    def moves() -> None:
        bot.azure.state = replace(bot.azure.state, traffic=(entry(100, 43),))

    bot.clock.then = moves
    finding, result = await carried_out(record, bot.steps())

    assert (finding.detail, bot.azure.patches) == ("Azure moves the traffic to v43 by itself", [])
    assert result is not None
    assert result.end is End.DONE


async def test_after_the_revert_the_bad_commit_is_not_gone_back_to(bot: Gitted) -> None:
    plan = await bot.plan(REVERT)
    steps = bot.steps()
    await carried_out(step(plan, "push_revert"), steps)
    await carried_out(await served(bot, plan), steps)
    bad = History({name: Mark(name, False, "run 1", NOW) for name in plan.origin})

    again = await bot.plan(snapshot=await bot.snapshot(history=bad))

    assert again.goal == f"prompts {bot.world.commits[0]}"


def test_importing_the_layer_stays_cheap() -> None:
    asked = "import sys, console.layers.prompt as p; p.LAYER; print([m for m in sys.modules if m.split('.')[0] in "
    asked += "('sqlalchemy', 'azure', 'psycopg', 'subprocess') or m.startswith('console.stores.rep')])"

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout

    assert "sqlalchemy" not in told
    assert "azure" not in told
    assert "console.stores.repository" not in told


@pytest.mark.parametrize("name", ["--force", "a b", "a..b", "a^b", "a:b", "/a", "a/", "a.lock", "a@{b}", ""])
def test_a_name_that_git_does_not_take_is_a_mistake_of_the_configuration(name: str) -> None:
    for key in ("remote", "branch", "push_branch"):
        with pytest.raises(ValidationError, match="git does not take this name"):
            PromptSettings.model_validate({"mode": "git", "repo": ".", "commit": VARIABLE, key: name})


async def test_with_the_code_the_prompts_go_back_as_well_and_once(bot: Gitted) -> None:
    good, _, bad, _ = bot.world.commits
    code, prompts = Change("code", "code", "bot--v41", "bot--v42"), Change("prompt", "prompts", good, bad)
    snapshot = await bot.snapshot(prompts, code)
    looked = {"prompt": await bot.door.look(snapshot, Intent(layer="prompt", to=good))}

    plan = make(bot.settings, snapshot, Intent(layer=ALL), Findings(looked=looked))

    assert kinds(plan).count("shift_traffic") == 1
    assert [(turn.item, turn.after) for turn in plan.turns] == [("prompts", good[:9])]
    assert f"prompts {bad}" in plan.origin
    assert any("revert" in one and "or it comes back" in one for one in plan.afterwards)
    assert not any("prompt" in one for one in plan.stays)
