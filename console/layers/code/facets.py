"""What serves of the code, as facets of the bundle; and what of the app stands above all revisions."""

from __future__ import annotations

from console.domain.bundle import APP_WIDE, Facet
from console.domain.code import CodeState, Revision

CODE = "code"


def of(state: CodeState) -> tuple[Facet, ...]:
    """Who serves by which share, each named by what it runs; and the app-wide settings where Azure told them."""
    serving = state.serving
    shares = {revision.name: state.weight(revision.name) for revision in serving}
    return (*(_served(state, revision, shares[revision.name]) for revision in serving[:1]), *_app_wide(state))


def _served(state: CodeState, revision: Revision, share: int) -> Facet:
    """The newest revision that serves: a split is a deployment under way, and no identity of its own."""
    return Facet(
        CODE,
        "code",
        revision.name,
        revision.created,
        "",
        "its creation",
        _before(state, revision),
        _words(state, revision, share),
    )


def _words(state: CodeState, revision: Revision, share: int) -> str:
    return state.short(revision.name)


def _before(state: CodeState, revision: Revision) -> str | None:
    """The revision that was created before it."""
    older = [one for one in state.revisions if one.created and revision.created and one.created < revision.created]
    return older[0].name if older else None


def _app_wide(state: CodeState) -> tuple[Facet, ...]:
    return tuple(Facet(APP_WIDE, topic, value, words=_end(value)) for topic, value in state.app_wide.items())


def _end(value: str) -> str:
    """A Key Vault address by the first digits of its version."""
    parts = value.split("/")
    return f"version {parts[-1][:8]}" if value.startswith("https://") and len(parts) > 5 else value
