"""One module per layer: it observes its state and proposes steps; it never writes."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from console.layers.layer import LayerKind

SHARED = frozenset({"layer", "planning"})
ORDER = ("code", "prompt", "model", "embedding", "schema")


@cache
def names() -> tuple[str, ...]:
    """Every layer there is, each a module of this package; the known ones first, in their usual order."""
    found = {module.name for module in pkgutil.iter_modules(__path__)} - SHARED
    return (*(name for name in ORDER if name in found), *sorted(found - set(ORDER)))


def kind_of(name: str) -> LayerKind:
    """The layer of that name. Raises ValueError where there is none."""
    if name not in names():
        raise ValueError(f"there is no layer {name!r}: there are {', '.join(names())}")
    return cast("LayerKind", importlib.import_module(f"{__name__}.{name}").LAYER)
