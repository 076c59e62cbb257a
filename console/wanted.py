"""What the command line asks for: a target of a configuration, or an app of Azure's without any."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wanted:
    """The global options. `app`, `group` and `subscription` need no configuration, and exclude one."""

    config: Path | None = None
    target: str | None = None
    read_only: bool = False
    app: str | None = None
    group: str | None = None
    subscription: str | None = None
    credential: str | None = None

    @property
    def without_file(self) -> bool:
        """Whether an app is named rather than a configuration."""
        return any((self.app, self.group, self.subscription))
