"""What serves of the prompts, as facets of the bundle: one a prompt."""

from __future__ import annotations

from console.domain.bundle import Facet
from console.domain.prompt import Prompt, PromptState, PromptVersion

PROMPT = "prompt"
NONE = "none"
COMMIT = 40


def of(state: PromptState) -> tuple[Facet, ...]:
    """Every prompt's active version, with since when and by whom as far as that is known."""
    return tuple(_facet(prompt) for prompt in state.prompts)


def key(prompt: Prompt, version: str) -> str:
    """How marks name a version of a prompt."""
    return f"{prompt.item} {version}"


def shown(prompt: Prompt, version: str) -> str:
    """`v7`, whether the version exists or not; a commit by its first nine digits."""
    if len(version) == COMMIT and set(version) <= set("0123456789abcdef"):
        return version[:9]
    return (prompt.find(version) or PromptVersion(version)).shown


def actives(prompt: Prompt) -> str:
    """What is active, in words: `v7`, `v7 and v6`, `no version`."""
    return " and ".join(shown(prompt, version) for version in prompt.active) or "no version"


def _facet(prompt: Prompt) -> Facet:
    version = prompt.find(prompt.serves) if prompt.serves else None
    since, source = prompt.since, prompt.source
    if since is None and version is not None and version.created is not None:
        since, source = version.created, "its creation"
    return Facet(
        PROMPT,
        prompt.item,
        "+".join(sorted(prompt.active)) or NONE,
        since,
        version.by if version is not None else "",
        source,
        prompt.was,
        actives(prompt),
    )
