"""The embedding layer: which embedder each revision uses, and what built each index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Index:
    """One index as its registry tells it. `embedder` is its stamp: which embedder built it.

    `found_dimensions`, `found_rows` (an estimate where `estimated`) and `rewritten`, the rows written after it was
    built, are what the vectors' own table says, where it could be asked; `unread` says why it could not.
    `validated_at` is when somebody last found it right, `activated_at` when it came into use, `progress` how much of
    it is built, in percent.
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
    activated_at: datetime | None = None
    estimated: bool = False
    rewritten: int | None = None
    unread: str = ""

    @property
    def stamp(self) -> str:
        """`text-embedding-3-small, 1536`."""
        return f"{self.embedder or 'unknown embedder'}, {self.dimensions or '?'}"

    @property
    def version(self) -> str:
        """Its identity: one name may be built anew by another embedder."""
        return f"{self.name} {self.embedder or '?'} {self.dimensions or '?'}"

    @property
    def key(self) -> str:
        """By what marks know it."""
        return f"index {self.version}"

    @property
    def other_dimensions(self) -> bool:
        """Whether its table holds other dimensions than its registry says."""
        return bool(self.found_dimensions and self.dimensions and self.found_dimensions != self.dimensions)

    @property
    def in_place(self) -> int:
        """How many rows were written again since it was built: those beyond the ones that came to it."""
        if not self.rewritten:
            return 0
        added = max(0, (self.found_rows or 0) - self.rows) if self.rows is not None and not self.estimated else 0
        return max(0, self.rewritten - added)


@dataclass(frozen=True, slots=True)
class Recall:
    """What the recall probe found: of `asked` stored questions, `found` got their document back.

    The questions were embedded by `embedder`. `unasked` have no vector of that embedder, and say nothing.
    """

    index: str
    asked: int
    found: int
    at: datetime | None = None
    embedder: str = ""
    unasked: int = 0
    missed: tuple[str, ...] = ()

    @property
    def share(self) -> float | None:
        return self.found / self.asked if self.asked else None

    @property
    def words(self) -> str:
        """`7/8`, and how many could not be asked."""
        silent = f" ({self.unasked} not asked)" if self.unasked else ""
        return f"{self.found}/{self.asked}{silent}" if self.asked else "not asked"


@dataclass(frozen=True, slots=True)
class EmbeddingState:
    """The registry's indexes, newest first, and the embedder that each revision is configured with (by full name).

    `chosen` are the indexes that revisions name themselves, where they do. `dialect` is the database's; `numbers`
    says that its registry writes 1 and 0 for true and false. `recall` holds the newest per index and embedder.
    `embedder_env` and `index_env` are the env names that hold them, `meanings` which embedder such a value means.
    """

    place: str
    indexes: tuple[Index, ...]
    embedders: Mapping[str, str] = field(default_factory=dict)
    serving: tuple[str, ...] = ()
    unread: str = ""
    recall: tuple[Recall, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)
    dialect: str = "postgresql"
    numbers: bool = False
    embedder_env: str = ""
    index_env: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)

    @property
    def actives(self) -> tuple[Index, ...]:
        """The indexes in use: those that the serving revisions name, else those that the registry calls active."""
        named = {self.chosen.get(name, "") for name in self.serving} - {""}
        return tuple(index for index in self.indexes if (index.name in named if named else index.active))

    @property
    def active(self) -> Index | None:
        """The one index in use; None where there is none, or where there are several."""
        found = self.actives
        return found[0] if len(found) == 1 else None

    def find(self, name: str) -> Index | None:
        return next((index for index in self.indexes if index.name == name), None)

    @property
    def asking(self) -> tuple[str, ...]:
        """The embedders of the revisions that serve, where known, each once."""
        return tuple(dict.fromkeys(filter(None, (self.embedders.get(name, "") for name in self.serving))))

    @property
    def embedder(self) -> str | None:
        """The embedder of the revisions that serve; None where unknown or where they differ."""
        return self.asking[0] if len(self.asking) == 1 else None

    def recalled(self, index: str, embedder: str) -> Recall | None:
        """The newest recall of an index for one embedder's questions."""
        return next((one for one in self.recall if (one.index, one.embedder) == (index, embedder)), None)

    @property
    def mismatch(self) -> str:
        """How the serving embedder and the index in use do not fit; empty where they fit or it is not known."""
        actives = self.actives
        if len(actives) != 1:
            return "no index is active" if not actives else f"{len(actives)} indexes are active"
        index = actives[0]
        if index.other_dimensions:
            return f"{index.name} says {index.dimensions} dimensions and holds {index.found_dimensions}"
        strangers = [one for one in self.asking if index.embedder and one != index.embedder]
        if strangers:
            return f"{index.name} was built by {index.embedder}, and {' and '.join(strangers)} asks it"
        return ""
