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


def _always(view: View) -> bool:
    return True


def no_names(view: View, filter_text: str) -> tuple[str, ...]:
    """For a panel in which nothing can be chosen."""
    return ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `layer` is what `r` rolls back there, None where there is nothing to roll back.

    `wants` counts the rows that would show everything, `needs` those without which it hides what matters now.
    A panel that gets no row says all it can in its title, which `title` draws with `place.rows` of 0. `present` is
    False where there is nothing to be shown, such as a layer that is not configured.
    """

    name: str
    order: int
    layer: str | None
    title: Callable[[View, Place], tuple[Line, Line]]
    body: Callable[[View, Place], list[Line]]
    wants: Callable[[View, Place], int]
    needs: Callable[[View, Place], int]
    names: Callable[[View, str], tuple[str, ...]] = no_names
    present: Callable[[View], bool] = _always


@cache
def panels() -> tuple[Panel, ...]:
    """Every panel, in the order in which they stand."""
    found = [import_module(f"{__name__}.{module.name}").PANEL for module in iter_modules(__path__)]
    return tuple(sorted(found, key=lambda panel: panel.order))


def panel_named(name: str) -> Panel:
    """The panel of that name; the first where there is none."""
    return next((panel for panel in panels() if panel.name == name), panels()[0])
