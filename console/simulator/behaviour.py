"""How an image behaves, told from its tag: `bad`, `crash` and `slow` anywhere in it mean what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`bad`: wrong answers and some 5xx, healthy by its own checks. `crashes`: never starts. `slow`: starts late."""

    bad: bool = False
    crashes: bool = False
    slow: bool = False


def behaviour_of(image: str, known: Mapping[str, Behaviour], environment: Iterable[str] = ()) -> Behaviour:
    """From `known`, else from the tag of the image reference; a registry port is not a tag.

    Any image is bad with a value in its `environment` that has `broken` in it.
    """
    told = known.get(image) or _tagged(image)
    return replace(told, bad=told.bad or any(BROKEN in value.lower() for value in environment))


def _tagged(image: str) -> Behaviour:
    last = image.rsplit("/", 1)[-1]
    tag = last.partition(":")[2].lower()
    return Behaviour(bad="bad" in tag, crashes="crash" in tag, slow="slow" in tag)
