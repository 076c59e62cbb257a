"""What an incident holds besides its runs, in few words: where walks led, notes, what is still to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from console.domain.incident import Answered, Care
from screens.drawing.text import short

_MOST = 3


def told(answers: Sequence[Answered], care: Sequence[Care]) -> list[str]:
    """Sentences: the newest walks and notes, then what is still to do."""
    newest = list(reversed(list(_happened(answers))))
    return [*newest[:_MOST], *_after(care)]


def _happened(answers: Sequence[Answered]) -> Iterator[str]:
    """Walks as one line each, and notes, in the order of their time."""
    way: dict[str, str] = {}
    for one in answers:
        asked = one.node.partition(".")[0].replace("_", " ")
        if one.arrived and way:
            yield f"{one.at:%H:%M}Z {_joined(way)} → {one.answer} ({one.by})"
            way = {}
        elif not one.arrived:
            if one.node in way:
                way = dict(list(way.items())[: list(way).index(one.node)])
            way[one.node] = f"{asked}? {one.answer}"
        if one.note:
            yield f"{one.at:%H:%M}Z note: {one.note} ({one.by})"
    if way:
        yield f"{answers[-1].at:%H:%M}Z {_joined(way)} › not answered further ({answers[-1].by})"


def _joined(way: dict[str, str]) -> str:
    return " › ".join(way.values())


def _after(care: Sequence[Care]) -> Iterator[str]:
    """How much is done, and each thing that is not."""
    if care:
        still = [one.text for one in care if not one.done]
        yield f"Afterwards, {len(care) - len(still)} of {len(care)} done{'; still to do:' if still else ''}"
        yield from (f"☐ {short(text, 74)}" for text in still)
