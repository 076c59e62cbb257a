"""The embedding layer: which embedder each revision uses, and what built each index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Index:
    """One index as its registry tells it. `embedder` is its stamp: which embedder built it.

    `found_dimensions` and `found_rows` are what the vectors' own table says, where it could be asked;
    `validated_at` is when somebody last found it right.
    """

    name: str
    embedder: str
    dimensions: int | None
    rows: int | None
    built_at: datetime | None
    active: bool
    found_dimensions: int | None = None
    found_rows: int | None = None
    validated_at: datetime | None = None
    progress: float | None = None

    @property
    def stamp(self) -> str:
        """`text-embedding-3-small, 1536`."""
        return f"{self.embedder or 'unknown embedder'}, {self.dimensions or '?'}"


@dataclass(frozen=True, slots=True)
class Recall:
    """What the recall probe found: of `asked` stored questions, `found` got their document back."""

    index: str
    asked: int
    found: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EmbeddingState:
    """The registry's indexes, newest first, and the embedder that each revision is configured with (by full name)."""

    place: str
    indexes: tuple[Index, ...]
    embedders: Mapping[str, str] = field(default_factory=dict)
    serving: tuple[str, ...] = ()
    unread: str = ""
    recall: tuple[Recall, ...] = ()

    @property
    def active(self) -> Index | None:
        """The one index in use; None where there is none, or where there are several."""
        found = [index for index in self.indexes if index.active]
        return found[0] if len(found) == 1 else None

    def find(self, name: str) -> Index | None:
        return next((index for index in self.indexes if index.name == name), None)

    @property
    def embedder(self) -> str | None:
        """The embedder of the revisions that serve; None where unknown or where they differ."""
        found = {self.embedders.get(name, "") for name in self.serving} - {""}
        return found.pop() if len(found) == 1 else None

    @property
    def mismatch(self) -> str:
        """How the serving embedder and the index in use do not fit; empty where they fit or it is not known."""
        active, serving = [index for index in self.indexes if index.active], self.embedder
        if len(active) != 1:
            return "no index is active" if not active else f"{len(active)} indexes are active"
        index = active[0]
        if index.found_dimensions and index.dimensions and index.found_dimensions != index.dimensions:
            return f"{index.name} says {index.dimensions} dimensions and holds {index.found_dimensions}"
        if serving and index.embedder and serving != index.embedder:
            return f"{index.name} was built by {index.embedder}, and {serving} asks it"
        return ""
