"""The decision tree on the screen: one question after another, to a leaf with its runbook, plan and aftercare."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.domain.incident import Answered
from console.domain.intent import Intent
from console.guidance.leaves import Meant
from console.guidance.sight import Evidence
from console.guidance.tree import TreeError, load
from console.record.database import RecordError
from screens.drawing.decide import crumbs
from screens.drawing.leaf import ticks_of
from screens.drawing.markdown import markdown
from screens.drawing.text import plain
from screens.walking import replayed
from tests.screens.conftest import Open, Stage
from tests.screens.guided import NOW, Filled, evidence
from tests.screens.layered import five, prompt_plan, with_five
from tests.screens.scripted_desk import ScriptedDesk, run

TO_PROMPT = ("d", "2", "1", "2", "1")
WAYS = {
    "code.traffic_shift": "n 1 1 1 2",
    "config.revert": "n 1 6 y",
    "prompt.revert": "n 1 2 y",
    "model.redeploy_previous": "n 1 3 1",
    "embedding.switch_index": "n 1 4 y",
    "schema.code_first": "n 1 5 2 n",
    "schema.pitr": "n 1 5 2 y",
    "gateway.reroute": "n 2 4 y",
    "disable.kill_switch": "y y 1 y",
    "hold.investigate": "n 2 8 n",
    "forward.fix": "n 1 2 n n",
}


@pytest.fixture
def desk() -> ScriptedDesk:
    made = with_five(ScriptedDesk())
    made.guide.known = evidence()
    made.deeds = {"switch off": prompt_plan(title="Switch the feature off", layer="feature", deed="switch off")}
    return made


async def on(stage: Stage, name: str) -> None:
    await stage.until(lambda: type(stage.app.screen).__name__ == name, name)


async def at_prompt(stage: Stage) -> None:
    await stage.press(*TO_PROMPT)
    await on(stage, "AtLeaf")
    await stage.shows("Afterwards 0 of 5 done")
    await stage.until(lambda: len(stage.desk.guide.cares) == 5, "the aftercare is open")


async def test_a_question_stands_with_its_answers_and_the_evidence_beside_it(open_app: Open) -> None:
    async with open_app() as stage:
        await stage.press("d")
        for words in (
            "Decide  pharmabot  PRODUCTION",
            "Is it an emergency?",
            "1 y  yes: it must end now  ← suggested",
            "2 n  no: it is bad",
            "Why 1    golden over the limit",
            "golden: 3 of 8",
            "Tell by  Yes, if any of these holds",
            "1-2 y n answer",
        ):
            await stage.shows(words)
        await stage.press("n")
        await stage.shows("emergency? no › ours?")
        await stage.shows("no evidence here: the provider's refusals are not counted")
        assert "suggested" not in stage.text
        await stage.press("1")
        await stage.shows("emergency? no › ours? ours › changed?")
        await stage.shows("2  prompt: what the model is told  ← suggested")
        await stage.shows("0  data")


async def test_a_suggestion_is_never_taken_for_the_operator(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("d")
        await stage.shows("← suggested")
        for key in ("enter", "space", "x", "9", "r"):
            await stage.press(key)
            assert "Is it an emergency?" in stage.text
        await stage.shows("9 is no answer here")
        await stage.press("enter")
        await stage.shows("nothing is answered for you")
    assert desk.guide.told == []


@pytest.mark.parametrize(("leaf", "keys"), WAYS.items())
async def test_at_most_five_keys_lead_from_d_to_each_leaf(
    open_app: Open, desk: ScriptedDesk, leaf: str, keys: str
) -> None:
    assert len(keys.split()) <= 5
    async with open_app() as stage:
        await stage.press("d", *keys.split())
        await on(stage, "AtLeaf")
        await stage.shows(leaf)
        await stage.until(lambda: desk.guide.told[-1:] != [] and desk.guide.told[-1].node == leaf, "kept")
    assert len(desk.guide.told) == len(keys.split()) + 1


async def test_b_takes_an_answer_back_and_a_begins_anew(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("d", "b")
        await stage.shows("this is the first question")
        await stage.press("2", "2")
        await stage.shows("What changed at the provider's")
        await stage.press("b")
        await stage.shows("Is the part that fails ours")
        await stage.press("1", "2", "1")
        await on(stage, "AtLeaf")
        await stage.press("b")
        await stage.shows("Does the prompt's former version still exist?")
        await stage.press("a")
        await stage.shows("Is it an emergency?")
        await stage.press("2")
        await stage.shows("emergency? no › ours?")


async def test_an_answer_of_another_branch_answers_nothing(open_app: Open) -> None:
    """`changed` was answered; `changed.upstream` asks the same of something else, and is asked."""
    async with open_app() as stage:
        await stage.press("d", "2", "1", "1", "b", "b", "2")
        await stage.shows("What changed at the provider's")


async def test_the_evidence_follows_the_news_and_the_answers_stay(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("d")
        await stage.shows("1 y  yes: it must end now  ← suggested")
        place = stage.text.split("\n").index(next(row for row in stage.text.split("\n") if "1 y" in row))
        desk.guide.known["emergency"] = (Evidence(("5xx: 0.1 %, ok",) * 3, "no", "all within their limits"),)
        desk.publish(five(signals=()))
        await stage.shows("Why 2    all within their limits")
        assert "1 y  yes: it must end now" in stage.text.split("\n")[place]
        assert "← suggested" not in stage.text.split("\n")[place]
        await stage.press("1")
        await stage.shows("emergency? yes")


async def test_what_does_not_fit_scrolls(open_app: Open, desk: ScriptedDesk) -> None:
    desk.guide.known["emergency"] = (Evidence(tuple(f"line {at}" for at in range(60))),)
    async with open_app() as stage:
        await stage.press("d")
        await stage.shows("more lines")
        for keys, words in (
            (("j", "j"), "line 14"),
            (("k",), "line 13"),
            (("space",) * 8, "that nobody can stop"),
            (("pageup",) * 8, "line 0"),
        ):
            await stage.press(*keys)
            await stage.shows(words)


async def test_answers_notes_and_where_it_ended_are_kept(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("d", "m", *"seen by bob", "enter")
        await stage.shows("Note     seen by bob")
        await stage.press("m", "escape", "2", "1", "2", "1")
        await on(stage, "AtLeaf")
        await stage.press("m", *"told them", "enter")
        await stage.shows("the note is kept")
        await stage.until(lambda: len(desk.guide.told) == 6, "six rows")
        await stage.press("m", "escape", "escape")
        await on(stage, "Dashboard")
        await stage.press("i")
        await stage.shows("note: seen by bob (alice)")
        await stage.shows("emergency? no › ours? ours › changed? prompt › target alive? yes")
        await stage.shows("Afterwards, 0 of 5 done; still to do:")
    told = [(one.node, one.answer, one.note) for one in desk.guide.told]
    assert told[0] == ("emergency", "no", "seen by bob")
    assert told[1] == ("ours", "ours", "")
    assert told[4][0] == "prompt.revert"
    assert told[5][2] == "told them"


async def test_a_leaf_shows_its_runbook_with_names_its_plan_and_what_comes_after(open_app: Open) -> None:
    async with open_app() as stage:
        await at_prompt(stage)
        for words in (
            "emergency? no › ours? ours › changed? prompt › target alive? yes",
            "→ Make the former prompt active again",
            "r  Roll back prompt drug_info → v6: drug_info v7→v6",
            "Runbook prompt-revert.md",
            "1 to fill in yourself: <prompts_url> (why: at the end)",
            "drug_info serves v7",
            "1 ☐ List the answers",
            "r drug_info v7→v6",
        ):
            await stage.shows(words)
        await stage.press("space", "j", "k", "pageup", "G")
        await stage.shows("<prompts_url>: its password is not shown here")
        await stage.press("g")
        await stage.shows("1 to fill in yourself")


@pytest.mark.parametrize("key", ["r", "enter"])
async def test_the_plan_is_one_key_away_and_the_dialog_confirms_it(
    open_app: Open, desk: ScriptedDesk, key: str
) -> None:
    async with open_app() as stage:
        await at_prompt(stage)
        await stage.press(key)
        await on(stage, "Confirm")
        await stage.make_y_live()
        await stage.press("y")
        await on(stage, "RunScreen")
        await stage.press("escape")
        await on(stage, "AtLeaf")
        await stage.shows("No plan: run 18 is under way")
    assert desk.intents[0] == Intent(layer="prompt")
    assert [runner.went for runner in desk.runners] == [True]


async def test_aftercare_is_ticked_and_kept(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await at_prompt(stage)
        await stage.press("2")
        await stage.shows("Afterwards 1 of 5 done")
        await stage.shows("2 ✔ Wait out")
        await stage.shows("done, kept in the incident")
        await stage.press("escape", "d")
        await stage.shows("goes on where alice left it at 03:12Z; a asks anew")
        await stage.shows("2 ✔ Wait out")
        await stage.press("2")
        await stage.shows("Afterwards 0 of 5 done")
        await stage.press("9")
        await stage.shows("nothing stands under 9")
    assert [one.node for one in desk.guide.told].count("prompt.revert") == 1


async def test_a_leaf_without_a_plan_is_a_checklist(open_app: Open, desk: ScriptedDesk) -> None:
    async with open_app() as stage:
        await stage.press("d", "n", "2", "8", "n")
        await stage.shows("No plan: it is done by hand")
        await stage.shows("By hand, 0 of 6 done")
        await stage.until(lambda: len(desk.guide.cares) == 9, "the steps are open")
        await stage.press("1", "7")
        await stage.shows("By hand, 1 of 6 done")
        await stage.shows("Afterwards 1 of 3 done")
        await stage.press("r", "w")
        await stage.shows("No command: it is done by hand")
    assert desk.runners == []


async def test_why_there_is_no_plan_is_said(open_app: Open, desk: ScriptedDesk) -> None:
    desk.layered["prompt"] = "v6 serves already"
    async with open_app() as stage:
        await at_prompt(stage)
        await stage.shows("No plan: v6 serves already")
        await stage.press("r")
        await on(stage, "AtLeaf")
        desk.guide.wants = Meant(None, "these settings stand above all revisions")
        desk.publish(five(signals=()))
        await stage.shows("No plan: these settings stand above all revisions")
        desk.guide.wants, desk.read_only = None, True
    desk.layered["prompt"] = prompt_plan()
    async with open_app() as stage:
        await stage.press("d")
        await stage.shows("No plan: read-only")
    desk.read_only, desk.log = False, {18: run(18)}
    async with open_app() as stage:
        await stage.press("d", "enter")
        await stage.shows("No plan: run 18 is under way")
    assert desk.runners == []


async def test_what_must_come_first_is_said_at_the_leaf(open_app: Open) -> None:
    async with open_app() as stage:
        await stage.press("d", "y", "y", "1", "2", "2", "1")
        await on(stage, "AtLeaf")
        await stage.shows("First: Switch off what does the harm before anything is put back")


async def test_what_cannot_be_kept_is_said_and_the_walk_goes_on(open_app: Open, desk: ScriptedDesk) -> None:
    desk.guide.refuses = RecordError("the disk is full")
    async with open_app() as stage:
        await stage.press("d", "2", "1")
        await stage.shows("What changed?")
        await stage.press("2", "1")
        await on(stage, "AtLeaf")
        await stage.shows("not kept: the disk is full")
        await stage.press("1")
        await stage.shows("ticked here only; not kept: the disk is full")
        await stage.shows("1 ✔ List")


async def test_a_tree_that_cannot_be_walked_is_said(open_app: Open, desk: ScriptedDesk) -> None:
    desk.guide.own = TreeError("runbooks/decision-tree.toml", ("ours: it leads nowhere", "x: nothing leads here"))
    async with open_app() as stage:
        await stage.press("d", "1", "a", "b", "m")
        await stage.shows("this decision tree cannot be walked:")
        await stage.shows("ours: it leads nowhere")
        await stage.press("escape")
        await on(stage, "Dashboard")


async def test_evidence_or_a_runbook_that_cannot_be_had_is_said(open_app: Open, desk: ScriptedDesk) -> None:
    desk.book = RecordError("there is no runbook prompt-revert.md")
    async with open_app() as stage:
        await at_prompt(stage)
        await stage.shows("the runbook cannot be shown: there is no runbook prompt-revert.md")
        desk.guide.known = None  # type: ignore[assignment]
        await stage.press("a")
        await stage.shows("no evidence here: the console stumbled over AttributeError")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (40, 10)])
async def test_every_size_shows_question_and_leaf(open_app: Open, size: tuple[int, int]) -> None:
    async with open_app(size=size) as stage:
        await stage.press("d", "2", "1")
        await stage.shows("0  data" if size[0] >= 60 else "This terminal is 40x10")
        await stage.press("2", "1")
        await stage.shows("r  Roll back prompt" if size[0] >= 60 else "This terminal is 40x10")
        if size[0] >= 60:
            await stage.shows("5 ☐ Tell the people")
            await stage.shows("esc leave")
            await stage.shows("! out" if size[0] == 60 else "! emergency")


def test_a_walk_is_taken_up_where_its_last_answers_lead() -> None:
    def told(node: str, answer: str) -> Answered:
        return Answered(1, NOW, "bob", node, "asked", answer)

    tree = load()
    rows = [told("emergency", "yes"), told("harm_running", "no"), told("emergency", "no"), told("ours", "ours")]
    assert replayed(tree, rows) == {"emergency": "no", "ours": "ours"}
    assert replayed(tree, [*rows, told("gone", "yes"), told("changed", "nonsense")]) == replayed(tree, rows)
    assert replayed(tree, [told("ours", "ours")]) == {}


def test_a_long_way_loses_its_beginning() -> None:
    tree = load()
    from console.domain.decision import walk

    way = walk(tree, {"emergency": "yes", "harm_running": "yes", "can_switch_off": "yes", "off_is_enough": "no"})
    (row,) = crumbs(way.path, way.node, 60, 1)
    assert plain(row).startswith(" … › ")
    assert plain(row).endswith("changed?")


def test_markdown_loses_its_marks_and_no_word() -> None:
    rows = [
        plain(row) for row in markdown("# T\n\n- [ ] a **b** `c`\n  d\n<!-- x -->\n```sh\naz x \\\n  --y\n```\n", 20)
    ]
    assert rows[0] == "T"
    assert "☐ a b c d" in rows
    assert "   az x \\" in rows
    assert "     --y" in rows


def test_only_what_has_a_text_can_be_ticked() -> None:
    leaf = load().leaf("hold.investigate")
    assert leaf is not None
    assert [tick.step for tick in ticks_of(leaf)] == [True] * 6 + [False] * 3
    assert replace(Filled(), text="x").text == "x"
