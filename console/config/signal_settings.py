"""The settings of signals and of the triggers on them."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from console.config.section import Section


class SignalSettings(Section):
    """A number over time. `quality` says that it measures the answers themselves, not only that there are some."""

    name: str = Field(min_length=1)
    source: Literal["probe", "calls", "golden", "azure-monitor", "prometheus", "http-json"] = "probe"
    unit: str = "%"
    every_s: float | None = Field(default=None, gt=0)
    quality: bool | None = None
    url: str | None = None
    query: str | None = None
    pointer: str | None = None
    metric: str | None = None
    resource: str | None = None

    @property
    def measures_quality(self) -> bool:
        """As configured; by default only the golden questions do."""
        return self.quality if self.quality is not None else self.source == "golden"


class TriggerSettings(Section):
    """A threshold on a signal."""

    signal: str
    above: float | None = None
    below: float | None = None
    for_s: float = Field(default=60.0, gt=0)
    min_count: int = Field(default=30, ge=1)
    severity: Literal["hard", "soft"] = "hard"

    @model_validator(mode="after")
    def _some_limit(self) -> Self:
        if self.above is None and self.below is None:
            raise ValueError("a trigger wants above or below")
        return self
