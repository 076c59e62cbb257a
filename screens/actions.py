"""Every key of every screen, once: bindings, palette entries, footer items and help lines all come from here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.binding import Binding, BindingType

from console.domain.intent import Deed, Intent
from console.domain.run import Outcome, Run
from screens.drawing.footer import Item
from screens.drawing.run import under_way
from screens.drawing.text import short
from screens.drawing.view import View, plan_short

T = TypeVar("T")

_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "escape": "esc",
    "down": "↓",
    "up": "↑",
    "ctrl+p": "ctrl+p",
}


def _always(state: object) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Action(Generic[T]):
    """One thing a person may do. `label` prints the result; `why_not` says why it cannot be done now, or None.

    `intent` is what a plan is made of, where the action begins with a plan; an action without keys is in the palette
    alone.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    help: str
    label: Callable[[T], str]
    why_not: Callable[[T], str | None] = _always
    footer: bool = False
    palette: bool = False
    intent: Callable[[T], Intent | None] | None = None

    @property
    def shown_keys(self) -> str:
        """The keys as a person knows them."""
        return " ".join(_NAMES.get(key, key) for key in self.keys)


def bindings(actions: Sequence[Action[T]]) -> list[BindingType]:
    """Textual's bindings for these actions."""
    return [
        Binding(",".join(action.keys), action.name, action.title, show=False) for action in actions if action.keys
    ]


def items(actions: Sequence[Action[T]], state: T) -> list[Item]:
    """The footer's items, with their results."""
    return [
        Item(_NAMES.get(action.keys[0], action.keys[0]), action.label(state), action.why_not(state))
        for action in actions
        if action.footer
    ]


def for_key(actions: Sequence[Action[T]], key: str) -> Action[T] | None:
    """The action of this key."""
    return next((action for action in actions if key in action.keys), None)


def _says(words: str) -> Callable[[object], str]:
    return lambda state: words


def _rollback_label(view: View) -> str:
    if view.draft is None:
        return "roll back"
    return f"{view.draft.layer}→{short(plan_short(view.draft, view.draft.goal), 24)}"


def _no_rollback(view: View) -> str | None:
    if view.read_only:
        return "read-only: no rollback from here"
    if view.open_run is not None:
        return f"run {view.open_run.id} is under way"
    if not view.connected:
        return "reading the state"
    if view.draft is not None:
        return None
    if view.snapshot is None or view.code is None:
        return "nothing read yet" if view.snapshot and view.snapshot.code.error else "reading the state"
    return view.snapshot.choice.why or "nothing to go back to"


def _no_choosing(view: View) -> str | None:
    if view.open_run is not None:
        return None
    if view.read_only:
        return "read-only"
    if not view.connected or view.code is None:
        return "reading the state"
    return None


def _enter_label(view: View) -> str:
    return f"watch run {view.open_run.id}" if view.open_run else "choose"


def _no_command(view: View) -> str | None:
    return None if view.draft else "no command yet"


def _no_deed(view: View) -> str | None:
    """What stands against any plan at all."""
    if view.read_only:
        return "read-only: nothing is written from here"
    if view.open_run is not None:
        return f"run {view.open_run.id} is under way"
    return None if view.connected and view.code is not None else "reading the state"


def _undo(view: View) -> Intent | None:
    run = view.last_run
    return Intent(Deed.UNDO, run=run.id) if run is not None else None


def _no_undo(view: View) -> str | None:
    return _no_deed(view) or (None if view.last_run else "no run has been confirmed here yet")


def _deactivate(view: View) -> Intent | None:
    return Intent(Deed.DEACTIVATE, to=view.chosen) if view.chosen else None


def _no_row(view: View) -> str | None:
    return None if view.chosen else "no revision is chosen"


def _no_deactivation(view: View) -> str | None:
    return _no_deed(view) or _no_row(view)


def _no_take_up(view: View) -> str | None:
    run = view.last_run
    if run is None:
        return "no run has been confirmed here yet"
    return None if run.outcome in (None, Outcome.UNKNOWN) else f"it is known how run {run.id} came out"


def _no_record(view: View) -> str | None:
    return None if view.connected else "reading the state"


DASHBOARD: tuple[Action[View], ...] = (
    Action("help", ("question_mark",), "Help", "what every key does", _says("help"), footer=True, palette=True),
    Action(
        "quit", ("q",), "Quit", "leave; a run that is under way goes on", _says("quit"), footer=True, palette=True
    ),
    Action(
        "roll_back",
        ("r",),
        "Roll back the code",
        "roll the focused panel's layer back to its chosen good version; one dialog confirms it",
        _rollback_label,
        _no_rollback,
        footer=True,
        palette=True,
    ),
    Action(
        "open",
        ("enter",),
        "Choose this version",
        "roll back to the revision of this row, or watch the run that is under way",
        _enter_label,
        _no_choosing,
        footer=True,
        palette=True,
    ),
    Action(
        "filter", ("slash",), "Filter", "show only revisions whose name has this text", _says("filter"), footer=True
    ),
    Action(
        "history",
        ("h",),
        "History",
        "earlier runs, and the one under way",
        _says("history"),
        footer=True,
        palette=True,
    ),
    Action(
        "commands",
        ("colon", "ctrl+p"),
        "Commands",
        "everything that can be done, by name",
        _says("commands"),
        footer=True,
    ),
    Action(
        "write",
        ("w",),
        "Write the command",
        "write the command by hand to a file of this folder, and offer it to the clipboard (which may not get it)",
        _says("write the command"),
        _no_command,
        palette=True,
    ),
    Action(
        "mark",
        ("m",),
        "Mark good or bad",
        "say that the revision of this row is good or bad, and why; it asks",
        _says("mark"),
        _no_row,
        palette=True,
    ),
    Action(
        "incident",
        ("i",),
        "When did it begin?",
        "give the incident its beginning: the first breach, now, or a time",
        _says("incident"),
        _no_record,
        palette=True,
    ),
    Action(
        "undo",
        ("u",),
        "Undo the last run",
        "take the traffic back to where it was before the last run; the dialog says what returns",
        _says("undo"),
        _no_undo,
        palette=True,
        intent=_undo,
    ),
    Action(
        "deactivate",
        ("x",),
        "Deactivate this revision",
        "stop the revision of this row, which carries no traffic but may still consume queues",
        _says("deactivate"),
        _no_deactivation,
        palette=True,
        intent=_deactivate,
    ),
    Action(
        "unpin",
        ("p",),
        "Unpin",
        "give the weight to whichever revision is latest, as before a rollback pinned it",
        _says("unpin"),
        _no_deed,
        palette=True,
        intent=lambda view: Intent(Deed.UNPIN),
    ),
    Action(
        "take_up",
        (),
        "Take the last run up",
        "where it lost its runner, or its outcome is unknown: look what came of it; sends nothing",
        _says("take up"),
        _no_take_up,
        palette=True,
    ),
    Action(
        "export",
        ("e",),
        "Export the postmortem",
        "write the draft of a postmortem, in Markdown, to a new file of this folder",
        _says("export"),
        _no_record,
        palette=True,
    ),
    Action(
        "theme",
        (),
        "Next theme",
        "dark, light, or the sixteen colours of the terminal",
        _says("theme"),
        palette=True,
    ),
    Action("down", ("j", "down"), "Down", "the next row", _says("down")),
    Action("up", ("k", "up"), "Up", "the row before", _says("up")),
    Action("first", ("g", "home"), "First", "the first row", _says("first")),
    Action("last", ("G", "end"), "Last", "the last row", _says("last")),
    Action(
        "next_panel",
        ("tab",),
        "Next panel",
        "the next panel in which something can be rolled back",
        _says("next panel"),
    ),
    Action("back", ("escape",), "Back", "clear the filter; never quits", _says("back")),
)

CONFIRM: tuple[Action[bool], ...] = (
    Action("go", ("y",), "Go", "do exactly what is shown, once the three conditions hold", _says("go")),
    Action("leave", ("n", "escape"), "Leave", "nothing is sent", _says("leave")),
    Action(
        "write",
        ("w",),
        "Write the command",
        "write the command by hand to a file of this folder",
        _says("write the command"),
    ),
    Action(
        "way",
        ("1", "2", "3"),
        "Choose a way",
        "where there are several ways: choose one; what y waits for begins again",
        _says("choose a way"),
    ),
    Action("next_way", ("tab",), "Next way", "the next of several ways, also while a name is typed", _says("way")),
    Action("page", ("space",), "Further", "where the dialog is longer than the terminal", _says("more")),
    Action("down", ("j", "down"), "Down", "one line further", _says("down")),
    Action("up", ("k", "up"), "Up", "back towards its beginning", _says("up")),
)


def _no_stop(run: Run | None) -> str | None:
    if run is None or not under_way(run):
        return "the run has ended"
    return "stopping before the next step" if run.stopping else None


def _no_taking_up(run: Run | None) -> str | None:
    return None if run is not None and run.outcome is Outcome.UNKNOWN else "nothing about this run is unknown"


def _leave_label(run: Run | None) -> str:
    return "leave it running" if run is not None and under_way(run) else "back"


RUN: tuple[Action[Run | None], ...] = (
    Action("back", ("escape",), "Back", "leave the run; it goes on by itself", _leave_label, footer=True),
    Action(
        "stop",
        ("s",),
        "Stop",
        "stop before the next step; what was sent is not taken back",
        _says("stop before the next step"),
        _no_stop,
        footer=True,
    ),
    Action(
        "offer",
        ("1", "2", "3", "4", "5"),
        "What is still to do",
        "once it has ended: begin what is offered under that number; a dialog confirms it",
        _says("still to do"),
    ),
    Action(
        "take_up",
        ("t",),
        "Take it up",
        "where the outcome is unknown: look what came of it; sends nothing",
        _says("take it up"),
        _no_taking_up,
    ),
    Action(
        "write",
        ("w",),
        "Write the command",
        "write the command by hand to a file",
        _says("write the command"),
        footer=True,
    ),
    Action("down", ("j", "down"), "Down", "where the run is longer than the terminal", _says("down")),
    Action("up", ("k", "up"), "Up", "towards its beginning", _says("up")),
)

HISTORY: tuple[Action[int], ...] = (
    Action("back", ("escape",), "Back", "to the dashboard", _says("back"), footer=True),
    Action("open", ("enter",), "Open", "show this run, live where it is under way", _says("open"), footer=True),
    Action(
        "export",
        ("e",),
        "Export",
        "write the draft of a postmortem of this run's incident to a new file of this folder",
        _says("export the postmortem"),
        footer=True,
    ),
    Action("down", ("j", "down"), "Down", "the next run", _says("down")),
    Action("up", ("k", "up"), "Up", "the run before", _says("up")),
    Action("first", ("g", "home"), "First", "the newest run", _says("first")),
    Action("last", ("G", "end"), "Last", "the oldest run", _says("last")),
)

HELP: tuple[Action[None], ...] = (
    Action("back", ("escape", "q", "question_mark"), "Back", "to where you were", _says("back"), footer=True),
    Action("down", ("j", "down", "space"), "Down", "further down", _says("down"), footer=True),
    Action("up", ("k", "up"), "Up", "further up", _says("up")),
    Action("first", ("g", "home"), "First", "to its beginning", _says("first")),
    Action("last", ("G", "end"), "Last", "to its end", _says("last"), footer=True),
)


def help_groups() -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Each screen's name with its keys and what they do."""
    for name, actions in (
        ("Dashboard", DASHBOARD),
        ("Confirming", CONFIRM),
        ("A run", RUN),
        ("History", HISTORY),
        ("This help", HELP),
    ):
        yield name, tuple((action.shown_keys, action.help) for action in actions)
