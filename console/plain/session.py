"""The console without a screen: status lines, then a numbered menu, until it is left."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from console.commands.desk_command import show_device_code
from console.commands.perform import Teller, attend, tell_end
from console.config import ConfigError
from console.desk import Desk, NothingToDo, Refused, Unreachable
from console.domain.beginning import beginnings, typed
from console.domain.failure import Failure
from console.domain.intent import Deed, Intent
from console.domain.run import Outcome, Run
from console.exits import Exit
from console.open_desk import open_desk
from console.plain import lines
from console.plain.asking import answer, choose, say
from console.plain.carrying_out import attempt
from console.record.database import RecordError
from console.wanted import Wanted

READ_S = 8.0
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu, and what it does."""

    title: str
    do: Callable[[], None]


def open_plain(wanted: Wanted) -> int:
    """Opens the desk and talks until it is left; the exit code."""
    with asyncio.Runner() as loop:
        try:
            desk = open_desk(wanted, os.environ, Path.cwd(), on_device_code=show_device_code)
        except ConfigError as error:
            click.echo(error.sentence, err=True)
            return Exit.USAGE
        try:
            return Session(desk, loop).talk()
        finally:
            loop.run(desk.close())


class Session:
    """One conversation about one target."""

    def __init__(self, desk: Desk, loop: asyncio.Runner) -> None:
        self._desk = desk
        self._loop = loop

    def talk(self) -> int:
        """Until somebody quits, interrupts, or is not there any more."""
        try:
            self._try(lambda: self._desk.reconcile())
            self._try(self._refresh)
            while True:
                items = self._menu()
                chosen = choose(f"{self._desk.target}: what now?", [item.title for item in items], "quit")
                if chosen is None:
                    return Exit.DONE
                self._try(items[chosen].do)
        except EOFError:
            return Exit.DONE
        except KeyboardInterrupt:
            say()
            return INTERRUPTED

    def _try(self, do: Callable[[], object]) -> None:
        """What the engine refuses or cannot do is a sentence, and the menu comes back."""
        try:
            do()
        except NothingToDo as nothing:
            say(f"Nothing to do: {nothing.sentence}.")
        except Refused as refused:
            say(f"Refused: {refused.sentence}.")
        except (Unreachable, Failure, RecordError) as error:
            say(f"{error.sentence}.")

    def _last_run(self) -> Run | None:
        """The newest run; a log that cannot be read is said, and the menu stands without it."""
        try:
            return next(iter(self._desk.runs(1)), None)
        except RecordError as error:
            say(f"{error.sentence}.")
            return None

    def _menu(self) -> list[Item]:
        run = self._last_run()
        return [
            self._first(run),
            Item("choose another revision", self._choose_revision),
            Item("history", self._history),
            Item("mark a revision good or bad", self._mark),
            Item("when did it begin?", self._begin),
            Item("refresh", self._refresh),
            *self._after(run),
        ]

    def _first(self, run: Run | None) -> Item:
        if run is not None and run.open:
            return Item(f"follow run {run.id}, which is under way", lambda: self._follow(run.id))
        draft = self._desk.draft()
        if draft is None:
            return Item(f"roll back: not now: {self._desk.why_not()}", self._roll_back)
        way = f" ({draft.steps[0].title}, …)" if draft.steps and len(draft.ways) > 1 else ""
        return Item(f"{draft.title}{way}", self._roll_back)

    def _after(self, run: Run | None) -> list[Item]:
        """What is still to do after the last run, and unpin where it is possible."""
        items = []
        if run is not None and run.outcome is Outcome.UNKNOWN:
            items.append(Item(f"take run {run.id} up: look what came of it", lambda: self._take_up(run.id)))
        for offer in self._desk.offers(run) if run is not None else ():
            items.append(self._carrying(offer.title, offer.intent))
        unpin = Intent(Deed.UNPIN)
        draft = None if self._desk.why_not(unpin) else self._desk.draft(unpin)
        return [*items, self._carrying(draft.title, unpin)] if draft is not None else items

    def _carrying(self, title: str, intent: Intent) -> Item:
        return Item(title, lambda: self._carry_out(intent))

    def _refresh(self) -> None:
        say("Reading…")
        if not self._loop.run(self._read()):
            say(f"Azure has not answered for {READ_S:.0f} s.")
        for line in lines.status(self._desk):
            say(line)

    async def _read(self) -> bool:
        """One reading and enough samples to judge the signals; whether Azure answered in time."""
        try:
            await asyncio.wait_for(self._desk.once(), READ_S)
        except TimeoutError:
            return False
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._desk.sample(), READ_S)
        return True

    def _roll_back(self) -> None:
        self._carry_out(Intent())

    def _carry_out(self, intent: Intent) -> None:
        attempt(self._desk, self._loop, intent)
        self._loop.run(self._read())

    def _choose_revision(self) -> None:
        name = self._revision("Roll back to which?")
        if name is not None:
            self._carry_out(Intent(to=name))

    def _revision(self, question: str) -> str | None:
        state = self._desk.snapshot.code.state
        if state is None:
            raise Refused("what serves has not been read yet")
        names = [revision.name for revision in state.revisions]
        options = [f"{state.short(name)}  {state.weight(name)} %" for name in names]
        chosen = choose(question, options, "leave")
        return None if chosen is None else names[chosen]

    def _history(self) -> None:
        runs = self._desk.runs(50)
        for line in lines.history(self._desk, runs):
            say(line)
        if not runs:
            return
        said = answer("Number of a run to see its steps, or only enter")
        for run in runs:
            if said == str(run.id):
                for line in lines.one_run(run):
                    say(line)

    def _mark(self) -> None:
        name = self._revision("Mark which?")
        good = choose("As what?", ("good", "bad"), "leave") if name is not None else None
        if name is None or good is None:
            return
        reason = answer("Why (may stay empty)")
        self._desk.mark(name, good == 0, reason)
        say(f"{name} is marked {'good' if good == 0 else 'bad'}.")

    def _begin(self) -> None:
        now = datetime.now(UTC)
        picks = beginnings(self._desk.snapshot.signals, now)
        chosen = choose("When did it begin?", [*(pick.title for pick in picks), "another time"], "leave")
        if chosen is None:
            return
        try:
            began = picks[chosen].at if chosen < len(picks) else typed(answer("Time, UTC"), now)
        except ValueError as error:
            raise Refused(str(error)) from error
        incident = self._desk.begin_incident(began, answer("Note (may stay empty)"))
        say(f"Incident {incident.id} began {incident.began:%Y-%m-%d %H:%M:%S}Z.")

    def _follow(self, number: int) -> None:
        """Follows a run that is under way; an interruption leaves it alone."""
        try:
            run = self._loop.run(attend(lambda: self._desk.taken_up(number), Teller(quiet=False)))
        except KeyboardInterrupt:
            say(f"\nRun {number} goes on without this console.")
            raise
        tell_end(run, as_json_output=False)

    def _take_up(self, number: int) -> None:
        if not self._desk.take_up(number):
            raise Refused(f"run {number} needs nobody who takes it up")
        self._follow(number)
