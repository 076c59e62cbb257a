"""The bundle: the identity of what serves across all layers, immutable and content-hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

APP_WIDE = "app-wide"


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing that serves: `item` of `layer` at `version`. Only these three are its identity.

    `since` and `by` tell when it began to serve and who did that, where the layer knows; `source` names how it knows.
    `before` is the version that served before, where the layer remembers. `words` says the version for a person.
    """

    layer: str
    item: str
    version: str
    since: datetime | None = None
    by: str = ""
    source: str = ""
    before: str | None = None
    words: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return (self.layer, self.item)

    @property
    def shown(self) -> str:
        """The version in words."""
        return self.words or self.version


@dataclass(frozen=True)
class Bundle:
    """What serves. `unread` names the layers that could not be read: such a bundle says nothing of them."""

    facets: tuple[Facet, ...]
    unread: frozenset[str] = frozenset()

    @cached_property
    def digest(self) -> str:
        """64 hexadecimal digits over layers, items and versions, and nothing else."""
        body = sorted([facet.layer, facet.item, facet.version] for facet in self.facets)
        return hashlib.sha256(json.dumps(body, ensure_ascii=False).encode()).hexdigest()

    @property
    def id(self) -> str:
        """Four digits, for a person."""
        return self.digest[:4]

    @property
    def whole(self) -> bool:
        return not self.unread

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str], Facet]:
        return {facet.key: facet for facet in reversed(self.facets)}

    def find(self, layer: str, item: str) -> Facet | None:
        return self._by_key.get((layer, item))

    def of(self, layer: str) -> tuple[Facet, ...]:
        return tuple(facet for facet in self.facets if facet.layer == layer)

    @classmethod
    def made(cls, facets: Iterable[Facet], unread: Iterable[str] = ()) -> Bundle:
        """A bundle whose facets stand in one order, whoever found them first."""
        return cls(tuple(sorted(facets, key=lambda facet: (*facet.key, facet.version))), frozenset(unread))

    def body(self) -> list[dict[str, Any]]:
        """The identity as data, for the record."""
        return [
            {"layer": one.layer, "item": one.item, "version": one.version, "words": one.words} for one in self.facets
        ]

    @classmethod
    def from_body(cls, body: Iterable[Mapping[str, Any]], unread: Iterable[str] = ()) -> Bundle:
        """The bundle that `body` wrote. Raises KeyError on anything else."""
        facets = (
            Facet(str(one["layer"]), str(one["item"]), str(one["version"]), words=str(one.get("words", "")))
            for one in body
        )
        return cls.made(facets, unread)
