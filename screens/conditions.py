"""What the dashboard's keys would do now, in words, and why one of them cannot: pure functions of the view."""

from __future__ import annotations

from console.domain.intent import ALL, Deed, Intent
from console.domain.plan import Plan
from console.domain.run import Outcome, Run
from console.domain.snapshot import LayerStatus
from screens.drawing.run import under_way
from screens.drawing.text import short
from screens.drawing.view import View, plan_short

WORDS = {"code": "the code", "prompt": "prompts", "model": "models", "embedding": "an index", "schema": "a database"}


def goal_words(plan: Plan, width: int = 24) -> str:
    """Where a plan leads, without the app's name, in at most `width` cells: `v41`, `drug_info v6`, `docs_v1`."""
    only = plan.turns[0] if len(plan.turns) == 1 and plan.layer not in ("code", ALL) else None
    if only is None:
        return short(plan_short(plan, plan.goal), width)
    if only.layer == "prompt" and len(only.after) < width - 4:
        return f"{short(only.item, width - 1 - len(only.after))} {only.after}"
    return next((said for said in (only.after, only.after.partition(" ")[0]) if 0 < len(said) <= width), plan.goal)


def roll_back_label(view: View) -> str:
    """`code→v41`: the result, not the verb."""
    return f"{view.layer}→{goal_words(view.focused)}" if view.focused is not None else "roll back"


def no_roll_back(view: View) -> str | None:
    said = no_writing(view, "no rollback from here")
    if said is not None or view.focused is not None:
        return said
    if view.layer is None:
        return "signals are not rolled back: tab to a layer"
    if view.snapshot is None or (view.layer == "code" and view.code is None):
        return "nothing read yet" if view.snapshot and view.snapshot.code.error else "reading the state"
    if view.layer == "code":
        return view.snapshot.choice.why or "nothing to go back to"
    return view.reasons.get(view.layer) or "nothing to go back to"


def all_label(view: View) -> str:
    whole = view.drafts.get(ALL)
    if whole is None:
        return "everything back"
    return f"all→{goal_words(whole, 20)}"


def no_all(view: View) -> str | None:
    said = no_writing(view, "no rollback from here")
    if said is not None or view.drafts.get(ALL) is not None:
        return said
    if view.snapshot is None:
        return "reading the state"
    return view.reasons.get(ALL) or "nothing changed"


def no_writing(view: View, what: str) -> str | None:
    """What stands against any write at all."""
    if view.read_only:
        return f"read-only: {what}"
    if view.open_run is not None:
        return f"run {view.open_run.id} is under way"
    return None if view.connected else "reading the state"


def watch_label(view: View) -> str:
    return f"watch run {view.open_run.id}" if view.open_run is not None else "watch"


def no_watching(view: View) -> str | None:
    return None if view.open_run is not None else "no run is under way"


def no_choosing(view: View) -> str | None:
    if view.open_run is not None:
        return None
    if view.layer not in (None, "code"):
        return None if view.connected and view.chosen else "nothing to choose here"
    if view.read_only:
        return "read-only"
    if not view.connected or view.code is None:
        return "reading the state"
    return None


def enter_label(view: View) -> str:
    if view.open_run is not None:
        return watch_label(view)
    return "choose" if view.layer in (None, "code") else "versions"


def no_command(view: View) -> str | None:
    return None if view.focused else "no command yet"


def no_deed(view: View) -> str | None:
    """What stands against any plan at all."""
    said = no_writing(view, "nothing is written from here")
    return said or (None if view.code is not None else "reading the state")


def undo(view: View) -> Intent | None:
    run = view.last_run
    return Intent(Deed.UNDO, run=run.id) if run is not None else None


def no_undo(view: View) -> str | None:
    return no_deed(view) or (None if view.last_run else "no run has been confirmed here yet")


def deactivate(view: View) -> Intent | None:
    return Intent(Deed.DEACTIVATE, to=view.revision) if view.revision else None


def no_deactivation(view: View) -> str | None:
    return no_deed(view) or (None if view.revision else "no revision is chosen")


def no_row(view: View) -> str | None:
    """Only what serves or served can be called good or bad: a revision, or the active version of a prompt."""
    if view.layer == "code":
        return None if view.revision else "no revision is chosen"
    return None if view.marked_as else "choose a version first (enter on its row)"


def no_take_up(view: View) -> str | None:
    run = view.last_run
    if run is None:
        return "no run has been confirmed here yet"
    return None if run.outcome in (None, Outcome.UNKNOWN) else f"it is known how run {run.id} came out"


def no_record(view: View) -> str | None:
    return None if view.connected else "reading the state"


def shadow(view: View) -> Intent | None:
    return _of_row(view, Deed.SHADOW, "model")


def remove_shadow(view: View) -> Intent | None:
    return _of_row(view, Deed.REMOVE_SHADOW, "model")


def back_up(view: View) -> Intent | None:
    return Intent(Deed.BACK_UP, "schema")


def drop_index(view: View) -> Intent | None:
    index = view.chosen if view.layer == "embedding" else None
    return Intent(Deed.DROP_INDEX, "embedding", to=index, item=index)


def _of_row(view: View, deed: Deed, layer: str) -> Intent:
    """The deed for the row under the cursor, where that is one of this layer."""
    return Intent(deed, layer, item=view.chosen if view.layer == layer else None)


def no_model(view: View) -> str | None:
    return no_deed(view) or _not_configured(view, "model")


def no_index(view: View) -> str | None:
    said = no_deed(view) or _not_configured(view, "embedding")
    return said or (None if view.layer == "embedding" and view.chosen else "choose an index first (tab, j)")


def no_database(view: View) -> str | None:
    return no_deed(view) or _not_configured(view, "schema")


def no_calls(view: View) -> str | None:
    """Which requests used a version is known where calls are logged."""
    if view.snapshot is None or not view.connected:
        return "reading the state"
    return _not_configured(view, "prompt")


def _not_configured(view: View, layer: str) -> str | None:
    if view.snapshot is None or view.snapshot.layer(layer).status is LayerStatus.ABSENT:
        return f"{WORDS[layer]}: not configured"
    return None


def no_stop(run: Run | None) -> str | None:
    if run is None or not under_way(run):
        return "the run has ended"
    return "stopping before the next step" if run.stopping else None


def no_taking_up(run: Run | None) -> str | None:
    return None if run is not None and run.outcome is Outcome.UNKNOWN else "nothing about this run is unknown"


def leave_label(run: Run | None) -> str:
    return "leave it running" if run is not None and under_way(run) else "back"
