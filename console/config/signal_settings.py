"""The settings of signals and of the triggers on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from console.config import headers as sent
from console.config.section import FROM_ENVIRONMENT, Section
from console.domain.pointer import valid

SourceName = Literal["probe", "calls", "golden", "azure-monitor", "prometheus", "http-json"]

# Which keys each source takes, beside those of every signal.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "probe": (),
    "calls": ("query",),
    "golden": (),
    "azure-monitor": ("metric", "resource", "aggregation"),
    "prometheus": ("url", "query", "headers"),
    "http-json": ("url", "pointer", "headers"),
}
_NEEDED: Mapping[str, tuple[str, ...]] = {"prometheus": ("url", "query"), "http-json": ("url", "pointer")}
_DEFAULTS: Mapping[str, Any] = {"headers": {}, "aggregation": "Average"}


class SignalSettings(Section):
    """A number over time. `quality` says that it measures the answers themselves, not only that there are some.

    - `probe`: the share of the probe's requests that failed;
    - `calls`: of the service's own log, the share that ended with 500 or more, or `query` (one number);
    - `golden`: the share of golden questions that passed;
    - `azure-monitor`: the share of 429s of the model's account, or the newest `metric` of a `resource`; minutes late;
    - `prometheus`: an instant `query` that gives one number, asked at `url`;
    - `http-json`: the number at `pointer` of the JSON at `url`.

    `every_s` is its pace, by default the source's own. A url may be `env:NAME`; a secret header always is.
    """

    name: str = Field(min_length=1)
    source: SourceName = "probe"
    unit: str = "%"
    every_s: float | None = Field(default=None, gt=0)
    quality: bool | None = None
    url: str | None = None
    query: str | None = Field(default=None, min_length=1)
    pointer: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    metric: str | None = Field(default=None, min_length=1)
    resource: str | None = None
    aggregation: Literal["Average", "Total", "Maximum", "Minimum", "Count"] = "Average"

    @model_validator(mode="before")
    @classmethod
    def _no_unit_of_a_foreign_number(cls, data: Any) -> Any:
        """A share is in percent; what a number of somebody else's is in, only they can say."""
        if isinstance(data, dict) and "unit" not in data and not is_share(data):
            return {**data, "unit": ""}
        return data

    @field_validator("url")
    @classmethod
    def _askable(cls, value: str | None) -> str | None:
        if value is None or value.startswith(FROM_ENVIRONMENT):
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError('a url begins with http:// or https://, or is "env:NAME"')
        if parts.username or parts.password:
            raise ValueError('a password never stands in this file: write url = "env:NAME" instead')
        return value

    @field_validator("pointer")
    @classmethod
    def _pointer(cls, value: str | None) -> str | None:
        if value is not None and not valid(value):
            raise ValueError("a JSON pointer begins with /")
        return value

    @field_validator("resource")
    @classmethod
    def _resource_id(cls, value: str | None) -> str | None:
        if value is not None and not value.lower().startswith("/subscriptions/"):
            raise ValueError("a resource is its whole id, which begins with /subscriptions/")
        return value

    @field_validator("headers")
    @classmethod
    def _sendable(cls, value: dict[str, str]) -> dict[str, str]:
        sent.checked(value)
        return value

    @model_validator(mode="after")
    def _keys_of_its_source(self) -> Self:
        missing = [key for key in _NEEDED.get(self.source, ()) if getattr(self, key) is None]
        if missing:
            raise ValueError(f'source = "{self.source}" wants {" and ".join(missing)}')
        if self.resource is not None and self.metric is None:
            raise ValueError("resource wants metric: which of its numbers")
        known = dict.fromkeys(key for keys in _KEYS.values() for key in keys)
        strange = [key for key in known if key not in _KEYS[self.source] and getattr(self, key) != _DEFAULTS.get(key)]
        if strange:
            raise ValueError(f'source = "{self.source}" takes no {" and no ".join(strange)}')
        return self

    @property
    def measures_quality(self) -> bool:
        """As configured; by default only the golden questions do."""
        return self.quality if self.quality is not None else self.source == "golden"

    @property
    def share(self) -> bool:
        """Whether it is a share in percent of what the source itself counts, and has a default limit."""
        return is_share({"source": self.source, "query": self.query, "metric": self.metric})


def is_share(data: Mapping[str, Any]) -> bool:
    """Whether a signal with these keys is a share that its source counts."""
    source = data.get("source", "probe")
    return source in ("probe", "golden") or (
        source in ("calls", "azure-monitor") and data.get("query") is None and data.get("metric") is None
    )


def check_signals(signals: Sequence[SignalSettings], triggered: Collection[str], sections: Mapping[str, Any]) -> None:
    """Raises ValueError for signals that do not fit the rest of their target.

    `triggered` are the signals that have a trigger of their own, `sections` the target's sections by name.
    """
    names = [signal.name for signal in signals]
    for signal in signals:
        called = f'signal "{signal.name}"'
        if names.count(signal.name) > 1:
            raise ValueError(f'two signals are called "{signal.name}"')
        if signal.source in ("calls", "golden") and sections.get(signal.source) is None:
            raise ValueError(f'{called}: source = "{signal.source}" wants the section {signal.source}')
        if signal.source == "calls" and signal.share and not sections["calls"].columns.status:
            raise ValueError(f"{called}: which calls failed is not known: give calls.columns.status, or a query")
        if signal.source == "azure-monitor" and signal.resource is None and sections.get("model") is None:
            raise ValueError(f"{called}: it wants metric and resource, or the section model for its account's 429s")
        if signal.quality and not signal.share and signal.name not in triggered:
            raise ValueError(f"{called}: without a trigger on it nothing says which number is good")


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
