"""One module per kind of write. A step crosses into the runner's process as data; its kind names its module."""

from __future__ import annotations

import importlib
import pkgutil
from typing import cast

from console.domain.plan import StepRecord
from console.steps.step import Step

SHARED = frozenset({"step", "following", "queued"})


def kinds() -> tuple[str, ...]:
    """Every kind of step there is: each module of this package but what all of them share."""
    return tuple(module.name for module in pkgutil.iter_modules(__path__) if module.name not in SHARED)


def revive(record: StepRecord) -> Step:
    """The step that `record` describes. Raises ValueError for a kind that does not exist."""
    if record.kind not in kinds():
        raise ValueError(f"there is no step of kind {record.kind!r}")
    module = importlib.import_module(f"console.steps.{record.kind}")
    return cast(Step, module.STEP.from_body(record.body))
