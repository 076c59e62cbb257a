"""The scenarios: every module here is one, with a TITLE and a `build(account, now)`; its name is the scenario's.

A module whose service cannot be asked like the others says in PROBING how it can.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from datetime import datetime
from types import ModuleType

from console.simulator.probing import Probing
from console.simulator.settings import Account
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
