"""What the service finds around it at one moment, read by a shell: prompts, indexes, leaflets. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Prompt:
    """An active system prompt."""

    name: str
    version: str
    content: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document of an index; `vector` holds the places of its vector that are not zero."""

    id: str
    dimensions: int
    vector: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Index:
    """An active index with the documents that its table really holds. `trouble` is the database's word instead."""

    name: str
    documents: tuple[Document, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Leaflets:
    """The table of the leaflets as it is: its columns and its rows. `trouble` is the database's word instead."""

    columns: tuple[str, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything that a chat reads besides what Azure holds.

    `prompts` and `indexes` are the active ones. `committed` is the prompt's text by the commit that holds it.
    `earlier` are the leaflets as they were until a moment, the oldest first, for servers that were restored.
    `trouble` is the database's word where it could not be read at all. `chat_off` is the feature's own switch.
    """

    prompts: tuple[Prompt, ...] = ()
    indexes: tuple[Index, ...] = ()
    leaflets: Leaflets = Leaflets()
    earlier: tuple[tuple[datetime, Leaflets], ...] = ()
    committed: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""
    chat_off: bool = False

    def leaflets_at(self, moment: datetime | None) -> Leaflets:
        """As they were at a moment; None is now."""
        if moment is None:
            return self.leaflets
        return next((one for until, one in self.earlier if moment < until), self.leaflets)


@dataclass(frozen=True, slots=True)
class Call:
    """A row of the service's own call log, which a shell writes. `at` is in UTC."""

    at: datetime
    prompt_name: str
    prompt_version: str
    revision: str
    model: str
    request_id: str
    status: int
