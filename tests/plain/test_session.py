"""The console as lines: the same guards, told and asked one line after another."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from console.desk import NothingToDo, Refused, Unreachable
from console.domain.intent import Deed, Intent
from console.domain.plan import Plan, Risk
from console.domain.run import Outcome
from console.offers import Offer
from console.plain import asking, carrying_out
from console.plain.session import INTERRUPTED, Session
from tests.screens.scripted_desk import (
    ScriptedDesk,
    ScriptedRunner,
    copy_or_switch,
    fresh_plan,
    refused,
    run,
    verified,
)

Answers = str | Callable[[str], str]
DIGIT = re.compile(r"Type (\d) to go")


def go(question: str) -> str:
    """Types the digit that the question asks for."""
    found = DIGIT.search(question)
    assert found is not None, question
    return found.group(1)


class PlainRunner(ScriptedRunner):
    """Its run has ended as soon as it went."""

    def go(self) -> None:
        self.went = True
        self.desk.log[self.run_id] = verified(self.run_id, plan=self.offered[-1])


class PlainDesk(ScriptedDesk):
    """As the screens' scripted desk, read when it is told to."""

    async def once(self) -> object:
        return self.shown

    async def sample(self) -> None:
        return None

    def prepare(self) -> ScriptedRunner:
        if self.refusal is not None:
            raise self.refusal
        runner = PlainRunner(18 + len(self.runners), self)
        self.runners.append(runner)
        return runner


@pytest.fixture
def desk() -> PlainDesk:
    return PlainDesk()


@pytest.fixture
def talk(
    desk: PlainDesk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., str]]:
    """Holds a conversation with these answers; everything that was printed. Silence after them ends it."""
    with asyncio.Runner() as loop:

        def hold(*answers: Answers) -> str:
            left = list(answers)

            def answer(question: str) -> str:
                asking.say(question)
                if not left:
                    raise EOFError
                said = left.pop(0)
                return said(question) if callable(said) else said

            monkeypatch.setattr(asking, "answer", answer)
            monkeypatch.setattr("console.plain.session.answer", answer)
            monkeypatch.setattr(carrying_out, "answer_to", answer)
            hold.code = Session(desk, loop).talk()  # type: ignore[attr-defined, arg-type]
            return capsys.readouterr().out

        yield hold


def test_it_says_what_serves_and_offers_what_can_be_done(talk: Callable[..., str]) -> None:
    told = talk("0")
    for words in (
        "pharmabot  PRODUCTION",
        "v42",
        "r would go back to v41",
        "1  Roll back code → v41",
        "2  choose another revision",
        "3  history",
        "4  mark a revision good or bad",
        "5  when did it begin?",
        "6  refresh",
        "0  quit",
    ):
        assert words in told, words
    assert talk.code == 0  # type: ignore[attr-defined]


def test_one_and_the_digit_roll_back_and_tell_each_step(talk: Callable[..., str], desk: PlainDesk) -> None:
    desk.bypass = "./gateway send-to v41"
    told = talk("1", go, "0")
    for words in (
        "Roll back code → v41, pharmabot, PRODUCTION",
        "v42: 100 % -> 0 %",
        "differs: image 2025.11.21-bad → 2025.11.v41",
        "By hand:",
        "Way round Azure: ./gateway send-to v41",
        "survives logout: yes",
        "✔ traffic → v41 100 %",
        "verified: v41 serves",
    ):
        assert words in told, words
    assert desk.runners[0].offered == [fresh_plan()]


@pytest.mark.parametrize("answer", ["", "y", "yes", "pharmabot"])
def test_anything_but_the_digit_sends_nothing(talk: Callable[..., str], desk: PlainDesk, answer: str) -> None:
    told = talk("1", answer, "0")
    assert "Not confirmed; nothing was sent." in told
    assert not desk.runners[0].went
    assert desk.runners[0].dismissed


def test_what_a_screen_wants_typed_is_typed_here_too(talk: Callable[..., str], desk: PlainDesk) -> None:
    desk.fresh = refused("v41 answers 500 on its own address", overridable=True)
    told = talk("1", "7", "1", "pharmabot", "0")
    assert told.count("Type pharmabot to go") == 2
    assert [runner.went for runner in desk.runners] == [False, True]


def test_a_refused_plan_is_told_and_never_asked(talk: Callable[..., str], desk: PlainDesk) -> None:
    desk.fresh = refused("v41 is being deprovisioned by Azure")
    told = talk("1", "0")
    assert "Refused: v41 is being deprovisioned by Azure." in told
    assert "to go (" not in told
    assert desk.runners[0].dismissed


def test_another_way_is_another_plan_and_another_digit(talk: Callable[..., str], desk: PlainDesk) -> None:
    desk.drafted = desk.fresh = copy_or_switch()
    desk.ways_drafted = {"copy": copy_or_switch(), "switch-mode": copy_or_switch("switch-mode")}
    told = talk("1", "w2", go, "0")
    assert "Way w1: copy the old revision as a new one (chosen)" in told
    assert "Way w2: switch to multiple revision mode, then move the traffic (chosen)" in told
    assert desk.runners[0].offered == [copy_or_switch("switch-mode")]


def test_where_azure_does_not_answer_the_name_hands_over_a_reversible_plan(
    talk: Callable[..., str], desk: PlainDesk
) -> None:
    desk.fresh = Unreachable("Azure cannot be reached")
    told = talk("1", "3", "1", "pharmabot", "0")
    assert "From the last reading: Azure has not answered since." in told
    assert "Azure cannot be reached. Confirmed now, the runner keeps trying for 60 s" in told
    assert [runner.went for runner in desk.runners] == [False, True]


def test_where_azure_is_silent_it_is_waited_for_8_s_and_no_longer(
    talk: Callable[..., str], desk: PlainDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_out, "AZURE_S", 0.01)
    desk.proposal_may_come.clear()
    assert "Azure has not answered for 0 s. Confirmed now" in talk("1", "", "0")


def test_what_cannot_be_taken_back_is_not_sent_blind(talk: Callable[..., str], desk: PlainDesk) -> None:
    desk.drafted = replace(fresh_plan(), steps=tuple(replace(step, risk=Risk.LOSSY) for step in fresh_plan().steps))
    desk.fresh = Unreachable("Azure cannot be reached")
    told = talk("1", "0")
    assert "Azure cannot be reached; nothing was sent." in told
    assert "to go (" not in told


def test_a_runner_that_is_not_ready_in_time_wants_the_name(
    talk: Callable[..., str], desk: PlainDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_out, "AZURE_S", 0.05)
    monkeypatch.setattr("console.commands.perform.READY_S", 0.05)
    desk.runner_is_ready = False
    told = talk("1", "pharmabot", "0")
    assert "the runner has not proved its credentials" in told
    assert desk.runners[0].went


def test_a_runner_that_died_is_said(
    talk: Callable[..., str], desk: PlainDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = desk.prepare

    def dead() -> ScriptedRunner:
        runner = prepare()
        runner.alive = False
        return runner

    monkeypatch.setattr(desk, "prepare", dead)
    assert "Refused: the runner ended before it was told to go; nothing was sent." in talk("1", "0")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NothingToDo("v41 has all the traffic already"), "Nothing to do: v41 has all the traffic already."),
        (Refused("this console is read-only"), "Refused: this console is read-only."),
    ],
)
def test_what_the_engine_says_is_a_sentence_and_the_menu_comes_back(
    talk: Callable[..., str], desk: PlainDesk, error: Exception, words: str
) -> None:
    if isinstance(error, Refused):
        desk.refusal = error
    else:
        desk.fresh = error
    told = talk("1", "0")
    assert words in told
    assert told.count("what now?") == 2


def test_an_interruption_after_the_go_leaves_the_run_going_and_says_so(
    talk: Callable[..., str], desk: PlainDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(runner: ScriptedRunner) -> None:
        runner.desk.log[runner.run_id] = run(runner.run_id)
        raise KeyboardInterrupt

    monkeypatch.setattr(PlainRunner, "go", interrupted)
    told = talk("1", go)
    assert "Run 18 goes on without this console: rollback-console rollback --resume 18 follows it." in told
    assert talk.code == INTERRUPTED  # type: ignore[attr-defined]


def test_an_interruption_before_the_go_says_that_nothing_was_sent(
    talk: Callable[..., str], desk: PlainDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(runner: ScriptedRunner, plan: Plan) -> None:
        raise KeyboardInterrupt

    def dismissed(runner: ScriptedRunner) -> None:
        runner.desk.log[runner.run_id] = replace(run(runner.run_id), confirmed_at=None, dismissed=True)

    monkeypatch.setattr(PlainRunner, "offer", interrupted)
    monkeypatch.setattr(PlainRunner, "dismiss", dismissed)
    assert "Nothing was sent." in talk("1", go)


def test_another_revision_is_chosen_by_its_number(talk: Callable[..., str], desk: PlainDesk) -> None:
    told = talk("2", "9", "3", go, "0")
    assert "There is no 9; 0 is to leave." in told
    assert desk.runners[0].offered[0].goal == "pharmabot--v40"


def test_history_tells_runs_and_one_with_its_steps(talk: Callable[..., str], desk: PlainDesk) -> None:
    desk.log = {17: verified(17, principal="alice@contoso.com")}
    told = talk("3", "17", "0")
    assert "run 17" in told
    assert "as alice@contoso.com" in told
    assert "✔ serving: 66 answers in a row from v41" in told


def test_marks_and_beginnings_are_said_in_lines(talk: Callable[..., str], desk: PlainDesk) -> None:
    told = talk("4", "2", "1", "held a day", "5", "1", "chat is down", "5", "2", "soon", "0")
    assert desk.marked == [("pharmabot--v41", True, "held a day")]
    assert "pharmabot--v41 is marked good." in told
    assert desk.began[0].note == "chat is down"
    assert "Incident 1 began" in told
    assert "Refused: a time is HH:MM or YYYY-MM-DD HH:MM, in UTC." in told


def test_what_is_still_to_do_after_a_run_is_in_the_menu(talk: Callable[..., str], desk: PlainDesk) -> None:
    desk.log = {18: verified(18)}
    desk.offered_after = (Offer("deactivate v42", Intent(Deed.DEACTIVATE, to="pharmabot--v42")),)
    desk.deeds = {Deed.DEACTIVATE: fresh_plan(title="Deactivate v42", deed="deactivate")}
    told = talk("7", go, "0")
    assert "7  deactivate v42" in told
    assert desk.runners[0].offered[0].title == "Deactivate v42"


def test_a_run_of_unknown_outcome_is_taken_up(talk: Callable[..., str], desk: PlainDesk) -> None:
    desk.log = {18: verified(18, outcome=Outcome.UNKNOWN)}
    told = talk("7", "0")
    assert "take run 18 up: look what came of it" in told
    assert desk.taken == [18]


def test_a_run_under_way_is_followed_first(
    talk: Callable[..., str], desk: PlainDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.log = {18: run(18)}
    monkeypatch.setattr(desk, "taken_up", lambda run_id: verified(run_id))
    told = talk("1", "0")
    assert "1  follow run 18, which is under way" in told
    assert "verified: v41 serves" in told
    assert desk.runners == []


def test_nothing_to_go_back_to_is_in_the_menu_with_its_reason(talk: Callable[..., str], desk: PlainDesk) -> None:
    desk.drafted = None
    assert "1  roll back: not now:" in talk("0")


def test_the_digit_cannot_be_typed_ahead() -> None:
    words = {asking.wanted_word("") for _ in range(200)}
    assert len(words) > 5
    assert asking.wanted_word("pharmabot") == "pharmabot"
