"""The recorded ARM traffic, read from the folder that AZURE_WIRE names."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

POLLED = re.compile(r"/(?:containerappOperation(?:Statuses|Results)|azureAsyncOperation|operationResults)/([^/?]+)")
VARIABLE = "AZURE_WIRE"
MISSING = f"{VARIABLE} names no folder of recordings"


@dataclass(frozen=True)
class Exchange:
    """One recorded request and its answer; `dates` has a time for each identical poll that was folded into it."""

    recording: str
    index: int
    method: str
    url: str
    sent: Any
    status: int
    reason: str | None
    headers: dict[str, str]
    body: Any
    dates: tuple[datetime, ...]

    @property
    def label(self) -> str:
        return f"{self.recording}-{self.index}"

    @property
    def at(self) -> datetime:
        return self.dates[0]

    @property
    def path(self) -> str:
        return self.url.partition("?")[0].removeprefix("https://management.azure.com")

    @property
    def tail(self) -> tuple[str, ...]:
        """Path segments below the provider: `("containerApps", "app", "revisions", ...)`."""
        return tuple(re.split(r"/providers/[^/]+/", self.path, maxsplit=1)[1].split("/"))

    @property
    def operation(self) -> str | None:
        """The operation's id, where this is a poll."""
        found = POLLED.search(self.url)
        return found.group(1) if found else None

    @property
    def started_operation(self) -> str | None:
        """The operation's id, where this is a write that begins one."""
        for name in ("azure-asyncoperation", "location"):
            found = POLLED.search(self.headers.get(name, ""))
            if found and self.operation is None:
                return found.group(1)
        return None

    @property
    def is_app(self) -> bool:
        return isinstance(self.body, dict) and self.body.get("type") == "Microsoft.App/containerApps"


@dataclass(frozen=True)
class Recording:
    """One file: exchanges in the order they were made."""

    name: str
    exchanges: tuple[Exchange, ...]


def load(kind: str = "containerapps") -> tuple[Recording, ...]:
    """Every recording of that kind; none where the variable is unset or names no folder.

    Those of apps go by their names without the kind, all others by their names.
    """
    return tuple(_read(path) for path in sorted(folder().glob(f"{kind}-*.json")))


def folder() -> Path:
    return Path(os.environ.get(VARIABLE) or "/nonexistent")


def _read(path: Path) -> Recording:
    name = path.stem.removeprefix("containerapps-")
    exchanges: list[Exchange] = []
    last: datetime | None = None
    for index, raw in enumerate(json.loads(path.read_text())["exchanges"]):
        exchange = _exchange(name, index, raw, last)
        last = exchange.dates[-1]
        exchanges.append(exchange)
    return Recording(name, tuple(exchanges))


def _exchange(name: str, index: int, raw: dict[str, Any], last: datetime | None) -> Exchange:
    request, response = raw["request"], raw["response"]
    headers = {key.lower(): str(value) for key, value in response["headers"].items()}
    stated = raw.get("repeated", {}).get("dates") or [headers.get("date")]
    day = headers.get("date", "")[:16]
    whole = [f"{day} {one} GMT" if one and re.fullmatch(r"[\d:]{8}", one) and day else one for one in stated]
    dates = [parsedate_to_datetime(one).astimezone(UTC) for one in whole if one and "," in one]
    return Exchange(
        recording=name,
        index=index,
        method=request["method"],
        url=request["url"],
        sent=request.get("body"),
        status=response["status"],
        reason=response.get("reason"),
        headers=headers,
        body=response.get("body"),
        dates=tuple(dates or [last or datetime(2023, 10, 30, tzinfo=UTC)]),
    )
