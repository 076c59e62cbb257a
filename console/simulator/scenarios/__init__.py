"""The scenarios: every module here is one, with a TITLE and a `build(account, now)`; its name is the scenario's.

A module whose service cannot be asked like the others says in PROBING how it can. What is wrong outside of Azure
it does in `break_stores(path, now)`, which changes the database and may give the moment at which the schema became
what it is; `past(account, now)` is the world of two days ago, where that is not the usual one; COURSE tells how the
service's calls went before the beginning; IN_GIT says that the prompts are kept in git.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import ModuleType

from console.simulator import pharmabot
from console.simulator.probing import Probing
from console.simulator.settings import Account
from console.simulator.stores import opening
from console.simulator.stores.course import Course
from console.simulator.stores.reading import Stores
from console.simulator.world import World

DEFAULT = "bad-image"


def _modules() -> dict[str, ModuleType]:
    found = sorted(one.name for one in pkgutil.iter_modules(__path__))
    return {name.replace("_", "-"): importlib.import_module(f"{__name__}.{name}") for name in found}


_MODULES = _modules()
SCENARIOS: dict[str, str] = {name: str(module.TITLE) for name, module in _MODULES.items()}
PROBING: dict[str, Probing] = {name: getattr(module, "PROBING", Probing()) for name, module in _MODULES.items()}


def build(name: str, account: Account, now: datetime) -> World:
    """The world of a scenario at its start. Raises KeyError for a name that is none."""
    builder: Callable[[Account, datetime], World] = _MODULES[name].build
    return builder(account, now)


def furnish(name: str, world: World, folder: Path, now: datetime) -> tuple[World, Stores]:
    """Makes the stores of a scenario in `folder`, as they are at its start, and opens them.

    The world comes back with what only they can tell, such as commits. Raises OSError where the folder cannot be
    written or git is missing.
    """
    module = _MODULES[name]
    course: Course = getattr(module, "COURSE", Course())
    in_git = bool(getattr(module, "IN_GIT", False))
    return opening.furnish(world, folder, now, getattr(module, "break_stores", None), course, in_git)


def past(name: str, account: Account, now: datetime) -> World:
    """The world of a scenario two days before its start, while all was well; its time is `now - pharmabot.PAST`."""
    module = _MODULES[name]
    before: Callable[[Account, datetime], World] | None = getattr(module, "past", None)
    return before(account, now) if before else pharmabot.past(account, now, build(name, account, now))


def furnish_past(name: str, world: World, folder: Path, now: datetime) -> tuple[World, Stores]:
    """The stores that belong to `past`: the same, before anything was wrong with them."""
    in_git = bool(getattr(_MODULES[name], "IN_GIT", False))
    return opening.furnish(world, folder, now, None, None, in_git)
