"""How an image behaves, told from its tag: `bad`, `crash` and `slow` anywhere in it mean what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`bad`: wrong answers and some 5xx, healthy by its own checks. `crashes`: never starts. `slow`: starts late."""

    bad: bool = False
    crashes: bool = False
    slow: bool = False


def behaviour_of(image: str, known: Mapping[str, Behaviour]) -> Behaviour:
    """From `known`, else from the tag of the image reference; a registry port is not a tag."""
    if image in known:
        return known[image]
    last = image.rsplit("/", 1)[-1]
    tag = last.partition(":")[2].lower()
    return Behaviour(bad="bad" in tag, crashes="crash" in tag, slow="slow" in tag)
