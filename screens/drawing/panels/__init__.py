"""The dashboard's panels: each module here holds one, named PANEL, and is found by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from screens.drawing.text import Line
from screens.drawing.view import View


@dataclass(frozen=True, slots=True)
class Place:
    """Where a panel stands, and what is chosen in it. `rows` counts what stands under the panel's title."""

    width: int
    rows: int
    cursor: int = 0
    focused: bool = False
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `layer` is what `r` rolls back there, None where there is nothing to roll back."""

    order: int
    layer: str | None
    title: Callable[[View, int], tuple[Line, Line]]
    body: Callable[[View, Place], list[Line]]
    wants: Callable[[View, Place], int]
    names: Callable[[View, str], tuple[str, ...]]


def no_names(view: View, filter_text: str) -> tuple[str, ...]:
    """For a panel in which nothing can be chosen."""
    return ()


@cache
def panels() -> tuple[Panel, ...]:
    """Every panel, in the order in which they stand."""
    found = [import_module(f"{__name__}.{module.name}").PANEL for module in iter_modules(__path__)]
    return tuple(sorted(found, key=lambda panel: panel.order))
