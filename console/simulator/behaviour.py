"""How an image behaves, told from its tag: `bad`, `crash` and `slow` anywhere in it mean what they say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`bad`: wrong answers and some 5xx, healthy by its own checks. `crashes`: never starts. `slow`: starts late."""

    bad: bool = False
    crashes: bool = False
    slow: bool = False


def behaviour_of(image: str) -> Behaviour:
    """From the tag of an image reference; a registry port is not a tag."""
    last = image.rsplit("/", 1)[-1]
    tag = last.partition(":")[2].lower()
    return Behaviour(bad="bad" in tag, crashes="crash" in tag, slow="slow" in tag)
