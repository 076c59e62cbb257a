"""What the code's revisions say of prompts in git, put beside what git says: pure."""

from __future__ import annotations

from dataclasses import replace

from console.domain.bundle import Facet
from console.domain.clean import clean
from console.domain.code import CodeState, Revision
from console.domain.prompt import Held, Prompt, PromptState
from console.layers.prompt.git_goal import ITEM

DIGITS = 9


def named(revision: Revision, variable: str) -> str:
    """The commit that a revision names, as it names it."""
    return clean(dict(revision.env).get(variable, ""), 80)


def placed(state: PromptState, code: CodeState | None) -> PromptState:
    """The state with which commit serves. A revision that git has not been asked about yet changes nothing."""
    if code is None or not code.serving:
        return state
    serving = code.serving[0]
    deployed = named(serving, state.variable)
    if deployed and deployed not in state.held:
        return state
    own = state.held.get(deployed, Held())
    prompt = state.find(ITEM) or Prompt(ITEM, (), ())
    first, before = _history(state, code, serving, own.newest)
    placed = replace(
        prompt,
        active=(own.newest,) if own.newest else (),
        since=first.created,
        source=f"the creation of {code.short(first.name)}",
        was=before or own.before,
    )
    return replace(state, prompts=(placed,), deployed=deployed)


def held_by(state: PromptState, revision: Revision) -> str | None:
    """The commit of the prompts that a revision holds; None where that is not known."""
    return state.held.get(named(revision, state.variable), Held()).newest


def facets(state: PromptState) -> tuple[Facet, ...]:
    """The newest commit that touched the prompts and that the serving revision holds."""
    prompt = state.find(ITEM)
    if prompt is None:
        return ()
    if prompt.serves is None:
        said = f"unknown, deployed {state.deployed}" if state.deployed else "unknown"
        return (Facet("prompt", ITEM, said, prompt.since, "", prompt.source, prompt.was, said),)
    version = prompt.find(prompt.serves)
    by = version.by if version is not None else ""
    words = prompt.serves[:DIGITS]
    return (Facet("prompt", ITEM, prompt.serves, prompt.since, by, prompt.source, prompt.was, words),)


def trouble(state: PromptState) -> str:
    """Why it is not known which prompts serve; empty where it is."""
    prompt = state.find(ITEM)
    if prompt is None or prompt.serves is not None:
        return ""
    return unknown(state)


def unknown(state: PromptState) -> str:
    """Why it is not known which prompts serve, in words."""
    if not state.deployed:
        return f"the revision that serves has no env {state.variable}: which commit is deployed is not known"
    own = state.held.get(state.deployed, Held())
    if own.commit is None:
        return f"the deployed commit {state.deployed} is not in this clone: git fetch, or git fetch --unshallow"
    return f"no commit up to the deployed {own.commit[:DIGITS]} touched the prompts"


def _history(
    state: PromptState, code: CodeState, serving: Revision, newest: str | None
) -> tuple[Revision, str | None]:
    """The oldest of the revisions in a row that hold the serving prompts, and what the one before it held."""
    first = serving
    for revision in _older(code, serving):
        held = held_by(state, revision)
        if held is not None and held != newest:
            return first, held
        if held == newest and newest is not None:
            first = revision
    return first, None


def _older(code: CodeState, serving: Revision) -> tuple[Revision, ...]:
    """The revisions that were created before it, newest first."""
    if serving.created is None:
        return ()
    older = [one for one in code.revisions if one.created is not None and one.created < serving.created]
    return tuple(older)
