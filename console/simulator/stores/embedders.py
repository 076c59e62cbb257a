"""Embedders that need no network: each puts the words of a text on places of its own, so that only equals understand
each other.

Two texts that share words are near for the same embedder; for two embedders of equal dimensions they are strangers.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from zlib import crc32

DIMENSIONS = {"text-embedding-3-small": 1536, "text-embedding-ada-002": 1536, "text-embedding-3-large": 3072}
USUAL = 1536
WORD = re.compile(r"[a-z0-9]+")
COMMON = frozenset(("a", "an", "and", "as", "can", "do", "for", "how", "i", "is", "may", "of", "take", "the", "what"))


def dimensions_of(embedder: str) -> int:
    return DIMENSIONS.get(embedder, USUAL)


def places(embedder: str, text: str) -> dict[int, float]:
    """The places of the vector of length 1 that are not zero."""
    counts: dict[int, float] = {}
    for word in WORD.findall(text.lower()):
        if word not in COMMON:
            place = crc32(f"{embedder}/{word}".encode()) % dimensions_of(embedder)
            counts[place] = counts.get(place, 0.0) + 1.0
    length = math.sqrt(sum(count * count for count in counts.values())) or 1.0
    return {place: round(count / length, 4) for place, count in sorted(counts.items())}


def vector(embedder: str, text: str) -> list[float]:
    """The whole vector, as an embedding deployment would answer it."""
    found = places(embedder, text)
    return [found.get(place, 0) for place in range(dimensions_of(embedder))]


def as_text(embedder: str, text: str) -> str:
    """The vector as it stands in a table."""
    return json.dumps(vector(embedder, text), separators=(",", ":"))


def likeness(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    """The cosine of two vectors of length 1."""
    return sum(value * other[place] for place, value in one.items() if place in other)
