"""Names and messages that try to be markup, to move the cursor or to hide: shown everywhere, obeyed nowhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from rich.cells import cell_len

import screens
from console.domain.bundle import APP_WIDE
from console.domain.change import Baseline, Change, Changes, Gap, Suspect
from console.domain.code import CodeState
from console.domain.decision import Answer, Leaf, Node, Tree
from console.domain.embedding import EmbeddingState, Index, Recall
from console.domain.golden import GoldenResult
from console.domain.good import Choice, Good, Grade, History, Mark
from console.domain.incident import Incident
from console.domain.intent import Intent, Way
from console.domain.model import Deployment, ModelState
from console.domain.model import Offer as ModelOffer
from console.domain.plan import Note, Passage, Plan, Refusal, Shift, Turn
from console.domain.prompt import Prompt, PromptState, PromptVersion
from console.domain.run import Outcome, Run, StepState, StepView
from console.domain.schema import Backup, Migration, SchemaState, Server
from console.domain.signal import SignalState
from console.domain.snapshot import Environment, Layer, LayerStatus, Snapshot
from console.domain.traffic import TrafficEntry
from console.emergency import Option
from console.guidance.sight import Evidence
from console.offers import Offer
from tests.screens.conftest import Open
from tests.screens.guided import Filled
from tests.screens.scripted_desk import NOW, ScriptedDesk, breached, code_state, plan, revision, run, snapshot


@dataclass
class Code:
    verification_uri: str
    user_code: str
    expires_on: datetime


CORPUS = {
    "unmatched": "a[/]b[/b]c[",
    "click": "[@click=app.quit]press[/]",
    "escape": "a\x1b[2J\x1b]52;c;ZWNobw==\x07b",
    "c1": "a\x9b31m\x90b\x9c",
    "bidi": "a\u202egnp.exe\u2066b\u200bc",
    "wide": "修订版" * 60,
    "long": "x" * 10_000,
    "words": "word " * 2_000,
    "lines": "one\ntwo\r\nthree\ttab",
    "variable": "$error $background [bold red]x",
}


def hostile_code(text: str) -> CodeState:
    rows = tuple(
        replace(one, name=f"pharmabot--{index}{text}", image=text, running=text, health=text)
        for index, one in enumerate((revision("a", NOW - NOW), revision("b", NOW - NOW)))
    )
    traffic = (TrafficEntry(100, rows[0].name, label=text), TrafficEntry(0, rows[1].name, label=text))
    return replace(code_state(*rows, traffic=traffic), mode=text)


def hostile_snapshot(text: str) -> Snapshot:
    code = hostile_code(text)
    goal = code.revisions[1].name
    reading = replace(breached(), name=text, source=text, unit=text)
    broken = replace(reading, state=SignalState.ERROR, detail=text)
    return snapshot(
        code,
        target=text,
        code=Layer(LayerStatus.STALE, code, NOW, text),
        identity=text,
        history=History({code.revisions[0].name: Mark(code.revisions[0].name, False, text, NOW, text)}),
        choice=Choice(Good(goal, Grade.PROVED, text, NOW), text),
        signals=(reading, broken),
        environment=Environment.STAGING,
    )


def hostile_plan(text: str, **changes: object) -> Plan:
    steps = tuple(replace(step, title=text) for step in plan().steps)
    return plan(
        target=text,
        app=text,
        goal=text,
        origin=(text,),
        reason=text,
        steps=steps,
        shifts=(Shift(text, 0, 100, text), Shift(text, 100, 0, text)),
        title=text,
        differences=(text, text),
        way=text,
        ways=(Way(text, text, text), Way("other", text, text)),
        checked=(Note(text), Note(text, ok=False)),
        unknown=(text,),
        stays=(text,),
        afterwards=(text,),
        by_hand=f"az {text}",
        **changes,
    )


def hostile_run(number: int, text: str, **changes: object) -> Run:
    steps = tuple(StepView(text, text, state, text, 0.1, 0.2) for state in StepState)
    body = {"plan": hostile_plan(text), "steps": steps, "by": text, "note": text, "waiting": text, "fence": text}
    return run(number, **{**body, **changes})


@pytest.fixture(params=list(CORPUS.values()), ids=list(CORPUS))
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def assert_harmless(shown: str, width: int) -> None:
    assert not any(ord(char) < 32 and char != "\n" for char in shown)
    assert not any(0x7F <= ord(char) <= 0x9F for char in shown)
    assert not any(0x200B <= ord(char) <= 0x200F or 0x2028 <= ord(char) <= 0x202E for char in shown)
    assert all(cell_len(row) <= width for row in shown.split("\n"))


async def test_every_screen_shows_it_and_obeys_nothing(open_app: Open, desk: ScriptedDesk, text: str) -> None:
    desk.shown = hostile_snapshot(text)
    desk.target = desk.coordination = desk.state_note = desk.survives_logout = text
    desk.drafted = desk.fresh = hostile_plan(text)
    desk.bypass, desk.script = text, Path(f"/ops/{text[:200]}".replace("\0", ""))
    desk.began = [Incident(3, NOW, NOW, text, text, text)]
    desk.offered_after = (Offer(text, Intent()),)
    desk.log = {18: hostile_run(18, text, outcome=Outcome.FAILED, ended_s=3.0, incident=3, principal=text)}
    async with open_app() as stage:
        assert_harmless(stage.text, 80)
        for key, name in (("m", "Mark"), ("i", "Beginning")):
            await stage.press(key)
            await stage.until(lambda name=name: type(stage.app.screen).__name__ == name, name)
            assert_harmless(stage.text, 80)
            await stage.press("escape")
        desk.show_code(Code(text, text, NOW))
        await stage.until(lambda: type(stage.app.screen).__name__ == "SignIn", "the code")
        assert_harmless(stage.text, 80)
        await stage.press("escape")
        assert_harmless(stage.text, 80)
        await stage.press("slash", "x", "escape", "r")
        await stage.until(lambda: type(stage.app.screen).__name__ == "Confirm", "the dialog")
        assert_harmless(stage.text, 80)
        await stage.press("w", "escape", "w", "h")
        await stage.until(lambda: "   18  " in stage.text, "the history")
        assert_harmless(stage.text, 80)
        await stage.press("enter")
        await stage.until(lambda: type(stage.app.screen).__name__ == "RunScreen", "the run")
        assert_harmless(stage.text, 80)
        await stage.press("escape", "escape", "colon")
        await stage.pilot.pause()
        await stage.press("escape")
        assert stage.app.is_running


def hostile_layers(text: str) -> Snapshot:
    """Every text of every layer, of the changes and of the golden questions."""
    change = Change("prompt", text, text, text, NOW, text, text, NOW, text, text)
    wide = Change(APP_WIDE, text, text, text, NOW, text)
    versions = (PromptVersion("2", NOW, text, text), PromptVersion(text, NOW, text, text))
    named = Prompt(text, versions, ("2",), ((text, text),), NOW, text, NOW, 5)
    several = Prompt(text + "2", versions, (text, "2"))
    account = ModelState(
        text,
        text,
        (Deployment(text, text, text, text, text, 1, text, text),),
        (ModelOffer(text, text, text, NOW),),
        unread=text,
    )
    index = Index(text, text, 3, 4, NOW, True, progress=50.0)
    other = EmbeddingState(text, (index,), {text: text + "x"}, (text,), text, (Recall(text, 2, 1, NOW),))
    server = Server(text, text, text, text, NOW, 7, (Backup(text, text, text, NOW),))
    heads = SchemaState(
        text, (text, text), (Migration(text, text, text, NOW),), {text: text}, server, text, NOW, text
    )
    states = {"prompt": PromptState(text, text, (named, several), unread=text), "model": account}
    states |= {"embedding": other, "schema": heads}
    return replace(
        hostile_snapshot(text),
        layers={name: Layer(LayerStatus.STALE, state, NOW, text) for name, state in states.items()},
        changes=Changes(
            Baseline(None, None, NOW, text, True),
            (Suspect(change, 1, 1.0, text), Suspect(wide, 2, 1.0, text)),
            (Gap(NOW, NOW),),
            (text,),
        ),
        golden=GoldenResult(1, 2, NOW, text, ((text, text),)),
    )


def hostile_tree(text: str) -> Tree:
    """A tree as a team may write it: every text hostile."""
    answers = (Answer("yes", text, text, text, text), Answer(text, text, "leaf"))
    first = Node(text + "1", text, (Answer("no", text, text + "2"), *answers[1:]), text, ("e",), text)
    return Tree(
        first.id,
        (first, Node(text + "2", text, (Answer("no", text, "leaf", text, text), *answers), text)),
        (Leaf("leaf", text, text, text, "code", False, (text, text), (text, text)),),
    )


async def test_guidance_shows_it_and_obeys_nothing(open_app: Open, desk: ScriptedDesk, text: str) -> None:
    desk.shown = hostile_layers(text)
    desk.target = desk.bypass = text
    desk.drafted = desk.fresh = hostile_plan(text)
    desk.guide.own = hostile_tree(text)
    desk.guide.known = {text + "1": (Evidence((text, text), "no", text),)}
    desk.book = Filled(f"# {text}\n- [ ] {text}\n```sh\n{text}\n```\n{text}", ((text, text),))
    desk.ways_out = (
        Option(1, text, text, Intent(), stays=(text, text)),
        Option(2, text, text, Intent(), typed=True),
        Option(3, text, why_not=text),
    )
    async with open_app() as stage:
        await stage.press("exclamation_mark")
        await stage.shows("! Emergency")
        assert_harmless(stage.text, 80)
        await stage.press("3", "escape", "d")
        await stage.shows("Decide")
        assert_harmless(stage.text, 80)
        await stage.press("m", *"x[/]", "enter", "n")
        await stage.until(lambda: len(desk.guide.told) == 1, "kept")
        assert_harmless(stage.text, 80)
        await stage.press("n")
        await stage.until(lambda: type(stage.app.screen).__name__ == "AtLeaf", "the leaf")
        await stage.until(lambda: len(desk.guide.cares) > 0, "the aftercare")
        assert_harmless(stage.text, 80)
        for key in ("1", "G", "space", "g"):
            await stage.press(key)
            assert_harmless(stage.text, 80)
        await stage.press("escape", "i")
        await stage.until(lambda: type(stage.app.screen).__name__ == "Beginning", "the incident")
        assert_harmless(stage.text, 80)
        assert stage.app.is_running


async def test_every_layer_shows_it_and_obeys_nothing(open_app: Open, desk: ScriptedDesk, text: str) -> None:
    desk.shown = hostile_layers(text)
    drafted = hostile_plan(
        text,
        layer="prompt",
        turns=(Turn("prompt", text, text, text, text, text),),
        passages=(Passage(text, f"+{text}\n-{text}"),),
        golden=((text, text), ("", text)),
    )
    desk.layered = {"prompt": drafted, "all": replace(drafted, layer="all"), "model": text, "embedding": text}
    desk.texts = {"2": text, text: f"{text}\n{text}"}
    async with open_app(size=(100, 34)) as stage:
        assert_harmless(stage.text, 100)
        for _ in range(6):
            await stage.press("tab")
            assert_harmless(stage.text, 100)
        await stage.press("enter")
        await stage.until(lambda: type(stage.app.screen).__name__ == "Versions", "the versions")
        await stage.until(lambda: len(stage.app.screen._pane.lines) > 0, "the text")  # type: ignore[attr-defined]
        assert_harmless(stage.text, 100)
        await stage.press("d", "G", "escape", "t")
        await stage.shows("Timeline")
        assert_harmless(stage.text, 100)
        await stage.press("escape", "R")
        await stage.until(lambda: type(stage.app.screen).__name__ == "Confirm", "the dialog")
        assert_harmless(stage.text, 100)
        await stage.press("escape")
        stage.app.screen.action_calls()
        await stage.until(lambda: type(stage.app.screen).__name__ == "Calls", "the question")
        assert_harmless(stage.text, 100)
        await stage.press("escape")
        assert stage.app.is_running


async def test_hostile_refusals_and_exceptions_are_sentences(open_app: Open, desk: ScriptedDesk, text: str) -> None:
    class Odd(Exception):
        sentence = text

    desk.drafted = hostile_plan(text, refusals=(Refusal(text, True),))
    desk.fresh = Odd()
    desk.log = {}
    async with open_app() as stage:
        await stage.press("r")
        await stage.until(lambda: type(stage.app.screen).__name__ == "Confirm", "the dialog")
        await stage.pilot.pause()
        assert_harmless(stage.text, 80)


async def test_a_hostile_run_under_way_is_harmless(open_app: Open, desk: ScriptedDesk, text: str) -> None:
    desk.log = {18: hostile_run(18, text)}
    async with open_app(size=(60, 20)) as stage:
        assert_harmless(stage.text, 60)
        await stage.press("enter")
        await stage.until(lambda: type(stage.app.screen).__name__ == "RunScreen", "the run")
        assert_harmless(stage.text, 60)


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in Path(screens.__file__).parent.rglob("*.py"):
        yield path, ast.parse(path.read_text())


_PARSES_MARKUP = {
    "Static",
    "Label",
    "Button",
    "notify",
    "from_markup",
    "OptionList",
    "DataTable",
    "Markdown",
    "RichLog",
}


def test_nothing_in_the_screens_uses_what_parses_markup() -> None:
    found = [
        f"{path.name}:{node.lineno}"
        for path, tree in _modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in _PARSES_MARKUP)
        or (isinstance(node, ast.Attribute) and node.attr in _PARSES_MARKUP)
    ]
    assert found == []
