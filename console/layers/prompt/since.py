"""Since when a version serves, and which one served before, by the calls that named them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from console.domain.prompt import Prompt
from console.stores.calls import Calls

LOGGED = "the call log"


def told(prompts: Sequence[Prompt], calls: Iterable[Calls], window: datetime) -> tuple[Prompt, ...]:
    """The prompts with what the calls since `window` add.

    The call log knows names, not scopes: a name in several scopes is left alone.
    """
    by_name: dict[str, list[Calls]] = {}
    for one in calls:
        by_name.setdefault(one.prompt, []).append(one)
    named = Counter(prompt.name for prompt in prompts)
    return tuple(
        _told(prompt, by_name[prompt.name], window)
        if prompt.name in by_name and named[prompt.name] == 1 and prompt.serves
        else prompt
        for prompt in prompts
    )


def _told(prompt: Prompt, calls: Sequence[Calls], window: datetime) -> Prompt:
    own = next((one for one in calls if prompt.serves and one.names(prompt.serves)), None)
    others = [one for one in calls if one is not own and one.version and one.first and one.last]
    counted = prompt.since is not None and prompt.since >= window
    if own is None or own.first is None:
        return replace(prompt, calls=0) if counted else prompt
    latest = max(others, key=lambda one: one.last.timestamp() if one.last else 0.0, default=None)
    began = all(other.first is not None and other.first < own.first for other in others)
    if prompt.since is None and began and others:
        prompt = replace(prompt, since=own.first, source=LOGGED)
    if prompt.was is None and latest is not None and began:
        found = prompt.find(latest.version)
        prompt = replace(prompt, was=found.version if found else latest.version, was_since=latest.first)
    whole = prompt.since is not None and window <= prompt.since <= own.first
    return replace(prompt, calls=own.count) if whole else prompt


def again(prompts: Iterable[Prompt], calls: Iterable[Calls], window: datetime) -> tuple[Prompt, ...]:
    """Prompts whose active version served in an earlier stretch too: their calls must be counted from `since` on."""
    named = {(one.prompt, one.version.removeprefix("v")) for one in calls}
    return tuple(
        prompt
        for prompt in prompts
        if prompt.calls is None
        and prompt.since is not None
        and prompt.since >= window
        and prompt.serves is not None
        and (prompt.name, prompt.serves.removeprefix("v")) in named
    )
