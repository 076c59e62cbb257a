"""Every key of every screen, once: bindings, palette entries, footer items and help lines all come from here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from console.domain.intent import Deed, Intent
from console.domain.run import Run
from screens import conditions
from screens.action import Action, says
from screens.drawing.decide import Deciding
from screens.drawing.lanes import Cursor
from screens.drawing.leaf import Standing
from screens.drawing.versions import Picking
from screens.drawing.view import View

EMERGENCY_KEY: Action[Any] = Action(
    "emergency",
    ("exclamation_mark",),
    "Emergency",
    "three fast ways out, each with what it would change now: what comes back fast, the traffic, the feature off",
    says("emergency"),
    footer=True,
    palette=True,
    sure=True,
    brief="out",
)
DECIDE_KEY: Action[Any] = Action(
    "decide",
    ("d",),
    "Decide",
    "one question after another, each with its evidence, to the right way out, its runbook and its plan",
    says("decide"),
    footer=True,
    palette=True,
)

DASHBOARD: tuple[Action[View], ...] = (
    Action(
        "help", ("question_mark",), "Help", "what every key does", says("help"), footer=True, palette=True, sure=True
    ),
    Action(
        "quit",
        ("q",),
        "Quit",
        "leave; a run that is under way goes on",
        says("quit"),
        footer=True,
        palette=True,
        sure=True,
    ),
    Action(
        "roll_back",
        ("r",),
        "Roll back this layer",
        "roll the focused panel's layer back to its chosen good version; one dialog confirms it",
        conditions.roll_back_label,
        conditions.no_roll_back,
        footer=True,
        palette=True,
    ),
    Action(
        "roll_back_all",
        ("R",),
        "Roll everything back",
        "take back every layer that changed, in one plan ordered by what each step needs; one dialog confirms it",
        conditions.all_label,
        conditions.no_all,
        footer=True,
        palette=True,
    ),
    EMERGENCY_KEY,
    DECIDE_KEY,
    Action(
        "open",
        ("enter",),
        "Choose a version",
        "roll back to the revision of this row, open the versions of another layer's row, or watch the open run",
        conditions.enter_label,
        conditions.no_choosing,
        footer=True,
        palette=True,
    ),
    Action(
        "timeline",
        ("t",),
        "Timeline",
        "what changed when, in every layer, with backups, runs and signals; a moment to restore is picked there",
        says("timeline"),
        conditions.no_record,
        footer=True,
        palette=True,
    ),
    Action("filter", ("slash",), "Filter", "show only rows whose name has this text", says("filter"), footer=True),
    Action(
        "history",
        ("h",),
        "History",
        "earlier runs, and the one under way",
        says("history"),
        footer=True,
        palette=True,
    ),
    Action(
        "commands",
        ("colon", "ctrl+p"),
        "Commands",
        "everything that can be done, by name",
        says("commands"),
        footer=True,
    ),
    Action(
        "write",
        ("w",),
        "Write the command",
        "write the command by hand to a file of this folder, and offer it to the clipboard (which may not get it)",
        says("write the command"),
        conditions.no_command,
        palette=True,
    ),
    Action(
        "mark",
        ("m",),
        "Mark good or bad",
        "say that the revision, or the prompt's active version, of this row is good or bad, and why; it asks",
        says("mark"),
        conditions.no_row,
        palette=True,
    ),
    Action(
        "incident",
        ("i",),
        "When did it begin?",
        "give the incident its beginning: the first breach, now, or a time",
        says("incident"),
        conditions.no_record,
        palette=True,
    ),
    Action(
        "undo",
        ("u",),
        "Undo the last run",
        "take the traffic back to where it was before the last run; the dialog says what returns",
        says("undo"),
        conditions.no_undo,
        palette=True,
        intent=conditions.undo,
    ),
    Action(
        "deactivate",
        ("x",),
        "Deactivate this revision",
        "stop the revision of this row, which carries no traffic but may still consume queues",
        says("deactivate"),
        conditions.no_deactivation,
        palette=True,
        intent=conditions.deactivate,
    ),
    Action(
        "unpin",
        ("p",),
        "Unpin",
        "give the weight to whichever revision is latest, as before a rollback pinned it",
        says("unpin"),
        conditions.no_deed,
        palette=True,
        intent=lambda view: Intent(Deed.UNPIN),
    ),
    Action(
        "back_up",
        (),
        "Back the database up now",
        "take an on-demand backup of the server; a dialog says what it keeps and for how long",
        says("back up"),
        conditions.no_database,
        palette=True,
        intent=conditions.back_up,
    ),
    Action(
        "shadow",
        (),
        "Deploy a shadow model",
        "beside the deployment of this row: another version at small capacity, to compare by golden questions",
        says("shadow"),
        conditions.no_model,
        palette=True,
        intent=conditions.shadow,
    ),
    Action(
        "remove_shadow",
        (),
        "Remove a shadow model",
        "delete the shadow deployment of this row's deployment",
        says("remove the shadow"),
        conditions.no_model,
        palette=True,
        intent=conditions.remove_shadow,
    ),
    Action(
        "drop_index",
        (),
        "Drop this index",
        "delete the index of this row and its vectors; it warns within 24 h of its validation",
        says("drop"),
        conditions.no_index,
        palette=True,
        intent=conditions.drop_index,
    ),
    Action(
        "calls",
        (),
        "Which requests used this prompt?",
        "write the ids of the calls that used a version of this row's prompt to a CSV file of this folder; it asks",
        says("calls"),
        conditions.no_calls,
        palette=True,
    ),
    Action(
        "take_up",
        (),
        "Take the last run up",
        "where it lost its runner, or its outcome is unknown: look what came of it; sends nothing",
        says("take up"),
        conditions.no_take_up,
        palette=True,
    ),
    Action(
        "export",
        ("e",),
        "Export the postmortem",
        "write the draft of a postmortem, in Markdown, to a new file of this folder",
        says("export"),
        conditions.no_record,
        palette=True,
    ),
    Action(
        "theme",
        (),
        "Next theme",
        "dark, light, or the sixteen colours of the terminal",
        says("theme"),
        palette=True,
    ),
    Action("down", ("j", "down"), "Down", "the next row", says("down")),
    Action("up", ("k", "up"), "Up", "the row before", says("up")),
    Action("first", ("g", "home"), "First", "the first row", says("first")),
    Action("last", ("G", "end"), "Last", "the last row", says("last")),
    Action(
        "next_panel",
        ("tab",),
        "Next panel",
        "the next panel: what r rolls back is its layer",
        says("next panel"),
    ),
    Action("previous_panel", ("shift+tab",), "Previous panel", "the panel before", says("previous panel")),
    Action("back", ("escape",), "Back", "clear the filter; never quits", says("back")),
)

CONFIRM: tuple[Action[bool], ...] = (
    Action("go", ("y",), "Go", "do exactly what is shown, once the three conditions hold", says("go")),
    Action("leave", ("n", "escape"), "Leave", "nothing is sent", says("leave")),
    Action(
        "write",
        ("w",),
        "Write the command",
        "write the command by hand to a file of this folder",
        says("write the command"),
    ),
    Action(
        "way",
        ("1", "2", "3"),
        "Choose a way",
        "where there are several ways: choose one; what y waits for begins again",
        says("choose a way"),
    ),
    Action("next_way", ("tab",), "Next way", "the next of several ways, also while a name is typed", says("way")),
    Action("page", ("space", "pagedown"), "Further", "where the dialog is longer than the terminal", says("more")),
    Action("down", ("j", "down"), "Down", "one line further", says("down")),
    Action("up", ("k", "up"), "Up", "back towards its beginning", says("up")),
)


RUN: tuple[Action[Run | None], ...] = (
    Action("back", ("escape",), "Back", "leave the run; it goes on by itself", conditions.leave_label, footer=True),
    EMERGENCY_KEY,
    Action(
        "stop",
        ("s",),
        "Stop",
        "stop before the next step; what was sent is not taken back",
        says("stop before the next step"),
        conditions.no_stop,
        footer=True,
    ),
    Action(
        "offer",
        ("1", "2", "3", "4", "5"),
        "What is still to do",
        "once it has ended: begin what is offered under that number; a dialog confirms it",
        says("still to do"),
    ),
    Action(
        "take_up",
        ("t",),
        "Take it up",
        "where the outcome is unknown: look what came of it; sends nothing",
        says("take it up"),
        conditions.no_taking_up,
    ),
    Action(
        "write",
        ("w",),
        "Write the command",
        "write the command by hand to a file",
        says("the command"),
        footer=True,
    ),
    Action("down", ("j", "down"), "Down", "where the run is longer than the terminal", says("down")),
    Action("up", ("k", "up"), "Up", "towards its beginning", says("up")),
)

HISTORY: tuple[Action[int], ...] = (
    Action("back", ("escape",), "Back", "to the dashboard", says("back"), footer=True),
    EMERGENCY_KEY,
    Action("open", ("enter",), "Open", "show this run, live where it is under way", says("open"), footer=True),
    Action(
        "export",
        ("e",),
        "Export",
        "write the draft of a postmortem of this run's incident to a new file of this folder",
        says("export the postmortem"),
        footer=True,
    ),
    Action("down", ("j", "down"), "Down", "the next run", says("down")),
    Action("up", ("k", "up"), "Up", "the run before", says("up")),
    Action("first", ("g", "home"), "First", "the newest run", says("first")),
    Action("last", ("G", "end"), "Last", "the oldest run", says("last")),
)

VERSIONS: tuple[Action[Picking], ...] = (
    Action(
        "back", ("escape",), "Back", "to the dashboard; while there is a filter, clears it", says("back"), footer=True
    ),
    EMERGENCY_KEY,
    Action(
        "open",
        ("enter",),
        "Choose",
        "plan the way to this version; one dialog confirms it",
        lambda picking: picking.result,
        lambda picking: picking.why_not,
        footer=True,
    ),
    Action("filter", ("slash",), "Filter", "only versions that have this text", says("filter"), footer=True),
    Action(
        "diff",
        ("d",),
        "Unified or side by side",
        "how the chosen version is compared with the active one",
        lambda picking: picking.other_view,
        lambda picking: picking.no_text,
        footer=True,
    ),
    Action(
        "further",
        ("space", "pagedown"),
        "Further",
        "further down in the text",
        says("further"),
        lambda picking: picking.no_text,
        footer=True,
    ),
    Action("nearer", ("b", "pageup"), "Nearer", "back up in the text", says("nearer")),
    Action(
        "mark", ("m",), "Mark good or bad", "say that this version is good or bad; it asks", says("mark"), footer=True
    ),
    Action("down", ("j", "down"), "Down", "the next older version", says("down")),
    Action("up", ("k", "up"), "Up", "the next newer version", says("up")),
    Action("first", ("g", "home"), "First", "the newest version", says("first")),
    Action("last", ("G", "end"), "Last", "the oldest version", says("last")),
)

TIMELINE: tuple[Action[Cursor], ...] = (
    Action("back", ("escape",), "Back", "to the dashboard", says("back"), footer=True),
    EMERGENCY_KEY,
    Action(
        "restore",
        ("enter",),
        "Restore to this moment",
        "in the schema's lane: plan a restore of the database to the cursor's moment, to a new server",
        lambda cursor: cursor.result,
        lambda cursor: cursor.why_not or None,
        footer=True,
    ),
    Action("left", ("left", "h"), "Earlier", "the cursor, one cell earlier", says("earlier"), footer=True),
    Action("right", ("right", "l"), "Later", "the cursor, one cell later", says("later"), footer=True),
    Action(
        "nearer",
        ("plus", "equals_sign"),
        "Nearer",
        "half as much time, the cursor's moment kept",
        says("nearer"),
        footer=True,
    ),
    Action("wider", ("minus",), "Wider", "twice as much time", says("wider"), footer=True),
    Action(
        "event_before",
        ("left_square_bracket", "b"),
        "Event before",
        "what happened before in this lane",
        says("before"),
    ),
    Action(
        "event_after", ("right_square_bracket", "w"), "Event after", "what happened next in this lane", says("next")
    ),
    Action("down", ("j", "down"), "Lane below", "the next lane", says("lane below")),
    Action("up", ("k", "up"), "Lane above", "the lane before", says("lane above")),
)

EMERGENCY: tuple[Action[View], ...] = (
    Action("back", ("escape",), "Back", "to where you were; nothing is sent", says("back"), footer=True),
    Action(
        "choose",
        ("1", "2", "3"),
        "Choose a way out",
        "the way out of this number; the usual dialog confirms it",
        says("choose"),
        footer=True,
        shown=lambda view: "1-3",
    ),
    Action(
        "watch",
        ("enter",),
        "Watch the run",
        "while a run is under way: watch it, and stop it there with s",
        conditions.watch_label,
        conditions.no_watching,
    ),
    DECIDE_KEY,
)

_DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0")

DECIDE: tuple[Action[Deciding], ...] = (
    Action(
        "answer",
        (*_DIGITS, "y", "n"),
        "Answer",
        "the answer of this digit; y and n where the answers are yes and no",
        says("answer"),
        lambda state: state.no_answer,
        footer=True,
        sure=True,
        shown=lambda state: state.answer_keys,
    ),
    Action(
        "before",
        ("b",),
        "Back",
        "take the last answer back",
        says("back"),
        lambda state: state.no_way_back,
        footer=True,
    ),
    Action(
        "leave", ("escape",), "Leave", "the answers are kept in the incident", says("leave"), footer=True, sure=True
    ),
    EMERGENCY_KEY,
    Action("note", ("m",), "Note", "a note that is kept with the answer", says("note"), footer=True),
    Action("anew", ("a",), "Ask anew", "from the first question on", says("ask anew"), footer=True),
    Action(
        "accept",
        ("enter",),
        "Nothing",
        "answers nothing: a suggestion is never taken for you",
        says("nothing"),
    ),
    Action("further", ("space", "pagedown"), "Further", "further down in the evidence", says("further")),
    Action("nearer", ("pageup",), "Nearer", "back up in the evidence", says("nearer")),
    Action("down", ("j", "down"), "Down", "one line further", says("down")),
    Action("up", ("k", "up"), "Up", "one line back", says("up")),
)

LEAF: tuple[Action[Standing], ...] = (
    Action(
        "go",
        ("r", "enter"),
        "The plan",
        "the plan of this leaf; the usual dialog confirms it",
        lambda state: state.result,
        lambda state: state.no_plan,
        footer=True,
    ),
    Action(
        "tick",
        _DIGITS,
        "Tick",
        "say that the step or the aftercare of this number is done, or open again; kept in the incident",
        says("tick"),
        lambda state: state.no_ticks,
        footer=True,
        shown=lambda state: state.tick_keys,
    ),
    Action("before", ("b",), "Back", "take the last answer back", says("back"), footer=True),
    Action(
        "leave", ("escape",), "Leave", "the answers are kept in the incident", says("leave"), footer=True, sure=True
    ),
    EMERGENCY_KEY,
    Action("further", ("space", "pagedown"), "Further", "further down in the runbook", says("further"), footer=True),
    Action("note", ("m",), "Note", "a note that is kept in the incident", says("note"), footer=True),
    Action("anew", ("a",), "Ask anew", "from the first question on", says("ask anew"), footer=True),
    Action(
        "write",
        ("w",),
        "Write the command",
        "write the plan's command by hand to a file of this folder",
        says("write the command"),
        footer=True,
    ),
    Action("nearer", ("pageup",), "Nearer", "back up in the runbook", says("nearer")),
    Action("down", ("j", "down"), "Down", "one line further", says("down")),
    Action("up", ("k", "up"), "Up", "one line back", says("up")),
    Action("first", ("g", "home"), "First", "to its beginning", says("first")),
    Action("last", ("G", "end"), "Last", "to its end", says("last")),
)

HELP: tuple[Action[None], ...] = (
    Action("back", ("escape", "q", "question_mark"), "Back", "to where you were", says("back"), footer=True),
    Action("down", ("j", "down", "space"), "Down", "further down", says("down"), footer=True),
    Action("up", ("k", "up"), "Up", "further up", says("up")),
    Action("first", ("g", "home"), "First", "to its beginning", says("first")),
    Action("last", ("G", "end"), "Last", "to its end", says("last"), footer=True),
)


def help_groups() -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Each screen's name with its keys and what they do."""
    for name, actions in (
        ("Dashboard", DASHBOARD),
        ("Confirming", CONFIRM),
        ("A run", RUN),
        ("Versions", VERSIONS),
        ("Timeline", TIMELINE),
        ("History", HISTORY),
        ("Emergency", EMERGENCY),
        ("Deciding", DECIDE),
        ("Where it led", LEAF),
        ("This help", HELP),
    ):
        yield name, tuple((action.shown_keys, action.help) for action in actions)
