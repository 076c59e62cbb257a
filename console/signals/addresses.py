"""Where the service is asked: the app's own address, and each revision's."""

from __future__ import annotations

from console.config.settings import ProbeSettings
from console.domain.code import CodeState, Revision


def of_app(settings: ProbeSettings, state: CodeState | None) -> str:
    """The app's own address, answered by whichever revision the weights choose; empty where it has none."""
    return settings.url or (f"https://{state.fqdn}" if state is not None and state.fqdn else "")


def of_revision(settings: ProbeSettings, revision: Revision) -> str:
    """A revision's own address, whatever its weight; empty where it has none."""
    base = settings.revision_url.replace("{revision}", revision.name) if settings.revision_url else ""
    return base or (f"https://{revision.fqdn}" if revision.fqdn else "")
