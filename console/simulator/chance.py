"""Randomness drawn from a seed and a counter, so that the same world always continues the same way."""

from __future__ import annotations

import base64
import random
import uuid
from dataclasses import replace

from console.simulator.world import World

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


def draw(world: World) -> tuple[random.Random, World]:
    """A generator for one decision, and the world in which that decision has been drawn."""
    source = random.Random(f"{world.settings.seed}/{world.draws}")
    return source, replace(world, draws=world.draws + 1)


def new_uuid(source: random.Random) -> str:
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def new_suffix(source: random.Random) -> str:
    """Seven letters and digits, as Azure names a first revision (`r9qmonu`)."""
    return "".join(source.choice(ALPHABET) for _ in range(7))


def opaque(text: str, length: int) -> str:
    """URL-safe noise that depends on `text`: a signature or certificate that nobody checks."""
    source = random.Random(text)
    return base64.urlsafe_b64encode(source.randbytes(length)).decode()[:length]


def digest(text: str, length: int) -> str:
    """Lower-case hexadecimal noise that depends on `text`."""
    return random.Random(text).randbytes(length).hex()[:length]
