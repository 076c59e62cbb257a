"""One module per source of signals, found by its name: `azure-monitor` is `azure_monitor`. Each holds `watch`."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, cast

from console.config.signal_settings import SignalSettings
from console.domain.signal import Trigger

if TYPE_CHECKING:
    from console.signals.sources.source import Tools, Watched

SHARED = frozenset({"source", "foreign", "polled"})


def names() -> tuple[str, ...]:
    """Every source there is, as the configuration calls it."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(name.replace("_", "-") for name in found if name not in SHARED)


def watch(tools: Tools, signal: SignalSettings, trigger: Trigger) -> Watched:
    """The signal, watched at its source. Opens nothing yet. Raises ValueError where there is no such source."""
    if signal.source not in names():
        raise ValueError(f"there is no source {signal.source!r}: there are {', '.join(names())}")
    module = importlib.import_module(f"{__name__}.{signal.source.replace('-', '_')}")
    return cast("Watched", module.watch(tools, signal, trigger))
