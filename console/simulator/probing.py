"""What a scenario's rollback.toml says of the probe: the truth about a service of its kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probing:
    """How the service can be asked.

    `identifies`: it says which revision answered. `reachable`: from where the console stands. `timeout_s`: how long
    an answer may take, where that is not the usual time. `why` is said above the section.
    """

    identifies: bool = True
    reachable: bool = True
    timeout_s: float | None = None
    why: str = "the health pages cannot see this failure; a chat can"
