"""What a person should see before confirming a change of the code layer: checked, unknown, stays, afterwards."""

from __future__ import annotations

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Condition, Revision
from console.domain.good import History
from console.domain.intent import Way
from console.domain.plan import Note, Shift
from console.domain.signal import Sample
from console.layers import kind_of, names
from console.layers.code import labels, ways
from console.steps.following import by
from console.steps.ready_revision import right, unreachable


def shifts(state: CodeState, goal: Revision) -> tuple[Shift, ...]:
    """Who has how much now and then; the goal first."""
    before = state.weights
    rows = [Shift(goal.name, before.get(goal.name, 0), 100, goal.condition)]
    for revision in state.serving:
        if revision.name != goal.name:
            rows.append(Shift(revision.name, before[revision.name], 0, revision.running or revision.condition))
    return tuple(rows)


def differences(state: CodeState, goal: Revision) -> tuple[str, ...]:
    """What the goal runs that the newest serving revision does not: image, or only config. Values are not shown."""
    now = next((revision for revision in state.serving if revision.name != goal.name), None)
    if now is None:
        return ()
    before, after = dict(now.env), dict(goal.env)
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    config = f"config: {', '.join(names[:6])}{' …' if len(names) > 6 else ''}" if names else ""
    if now.image == goal.image:
        return (f"same image; {config or 'same env, other scale or resources'}",)
    return tuple(filter(None, (f"image {_tag(now.image)} → {_tag(goal.image)}", config)))


def checked(
    state: CodeState, goal: Revision, answer: Sample | None, path: str, may_write: bool | None
) -> tuple[Note, ...]:
    """What was looked at for this plan."""
    short, notes = state.short(goal.name), []
    if answer is not None and right(answer):
        cold = ", its cold start included" if goal.condition is Condition.SCALED_TO_ZERO else ""
        notes.append(Note(f"{short} answers {path} in {answer.latency}{cold}"))
    elif answer is not None and not unreachable(answer) and goal.active:
        notes.append(Note(f"{short} answers {path} with {answer.status}", ok=False))
    if goal.condition is Condition.READY:
        notes.append(Note(f"{short} is active with {_replicas(goal.replicas)}"))
    elif goal.condition in (Condition.INACTIVE, Condition.SCALED_TO_ZERO):
        notes.append(Note(f"{short} exists; it is {goal.condition}"))
    else:
        notes.append(Note(f"{short} is {goal.condition}: Azure says {goal.running or goal.provisioning}", ok=False))
    if may_write is not None:
        notes.append(Note("you may write this app" if may_write else "you may not write this app", ok=may_write))
    return tuple(notes)


def unknown(
    settings: TargetSettings, state: CodeState, goal: Revision, way: Way, answer: Sample | None, history: History
) -> tuple[str, ...]:
    """What nobody can tell beforehand."""
    short = state.short(goal.name)
    lines = [*_already_good(state, history)]
    lines += [state.unread] if state.unread else []
    lines += _passed_by(state)
    if way == ways.COPY:
        lines.append("the copy is new: it takes the app's current secrets, and must start before it serves")
    elif not goal.active:
        lines.append(f"{short} is inactive: it is activated and must answer before any traffic moves")
    elif goal.condition is Condition.SCALED_TO_ZERO and (answer is None or unreachable(answer)):
        lines.append(f"{short} is scaled to zero: it is being woken, and its cold start is part of the run")
    elif answer is not None and unreachable(answer):
        lines.append(f"{short} cannot be asked from here: {answer.error or f'it answers {answer.status}'}")
    if settings.probe.identity is None:
        lines.append("who serves afterwards: this service does not say; Azure's own count is minutes late")
    needed = ways.load(state, goal)
    if way == ways.SHIFT and goal.active and goal.replicas < needed:
        few = _replicas(goal.replicas) if goal.replicas else "it starts from zero and"
        lines.append(f"{few} takes the load of {needed} (max {goal.max_replicas}): expect 503s")
    if "@sha256:" not in goal.image:
        lines.append("its image is named by a tag: digest unknown, a new replica pulls what it means now")
    return tuple(lines)


def stays(settings: TargetSettings, state: CodeState, goal: Revision, way: Way) -> tuple[str, ...]:
    """What this does not undo."""
    lines = []
    for revision in state.serving:
        if revision.active and revision.name != goal.name:
            rules = f" and consumes {', '.join(revision.scale_rules)}" if revision.scale_rules else ""
            kept = way is not ways.COPY
            lines.append(f"{state.short(revision.name)} keeps running at 0 %{rules}" if kept else _superseded(state))
    moved = {move.label for move in labels.moves(state, goal.name)} if way in (ways.SHIFT, ways.STEPPED) else set()
    for revision in state.serving:
        for label in state.labels(revision.name):
            if label not in moved and way in (ways.SHIFT, ways.STEPPED) and revision.name != goal.name:
                lines.append(f"label {label} stays on {state.short(revision.name)}")
    absent = [name for name in names() if not kind_of(name).configured(settings)]
    along = {"prompt"} if settings.prompt is not None and settings.prompt.mode == "git" else set()
    watched = [name for name in names() if name not in ("code", *absent, *along)]
    lines += [f"{_and(watched)} stay as they are"] if watched else []
    return (*lines, f"{_and(absent)} are not configured: not watched, not changed") if absent else tuple(lines)


def afterwards(way: Way) -> tuple[str, ...]:
    if way == ways.COPY:
        return ("the next deployment gets all the traffic, as always in single revision mode",)
    mode = ("the app stays in multiple revision mode",) if way == ways.SWITCH else ()
    return (*mode, "new revisions get 0 % of the traffic until it is unpinned")


def dropped(state: CodeState) -> tuple[Note, ...]:
    """Entries of the array that reach nobody, which the new array does not carry on."""
    return tuple(
        Note(
            f"the array sends {entry.weight} % to {state.short(entry.revision or '?')}, which cannot answer", ok=False
        )
        for entry in state.dead_entries
        if entry.weight
    )


def _and(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _superseded(state: CodeState) -> str:
    return f"{state.short(state.latest or '?')} is stopped by Azure once the copy serves"


def _already_good(state: CodeState, history: History) -> tuple[str, ...]:
    """Going back from what is known good is rarely the cure: said, not forbidden."""
    mark = history.marks.get(state.serving[0].name) if state.serving else None
    if mark is None or not mark.good:
        return ()
    return (f"whether it helps: {state.short(mark.version)}, which serves now, is known good (marked by {mark.by})",)


def _passed_by(state: CodeState) -> list[str]:
    """A newer revision without traffic: a deployment that waits, or a rollback that somebody has done already."""
    serving = state.serving[0] if state.serving else None
    newest = state.revisions[0] if state.revisions else None
    if serving is None or newest is None or newest.name == serving.name or state.mode.lower() != "multiple":
        return []
    return [
        f"{state.short(newest.name)} is newer and carries nothing: somebody may have rolled back already{by(state)}"
    ]


def _tag(image: str) -> str:
    return image.rpartition("/")[2].rpartition(":")[2]


def _replicas(count: int) -> str:
    return "1 replica" if count == 1 else f"{count} replicas"
