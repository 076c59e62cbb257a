"""Asking the simulator what was asked of Azure, in the names of the simulated run."""

from __future__ import annotations

import json
from dataclasses import dataclass

from console.simulator.wire import Request, Response
from tests.wire.recordings import POLLED, Exchange


@dataclass(frozen=True)
class Allowed:
    """Differences that are put up with in one exchange: those whose text begins so, and why."""

    why: str
    beginnings: tuple[str, ...]


class Names:
    """Which simulated name stands for which recorded one: operation ids, random suffixes and backups differ."""

    def __init__(self, **known: str) -> None:
        self._known: dict[str, str] = {key.replace("_", "-"): value for key, value in known.items()}

    def translate(self, text: str) -> str:
        for recorded, simulated in self._known.items():
            text = text.replace(recorded, simulated)
        return text

    def learn(self, recorded: Exchange, response: Response) -> None:
        self._pair(_operation(recorded.headers), _operation({key.lower(): value for key, value in response.headers}))
        body = response.json() if response.body else None
        if recorded.is_app and isinstance(body, dict):
            latest = "latestRevisionName"
            self._pair(recorded.body["properties"].get(latest), body["properties"].get(latest))
        if recorded.tail[-1] in ("replicas", "backups") and isinstance(body, dict):
            for one, other in zip(recorded.body["value"], body["value"], strict=False):
                self._pair(one["name"], other["name"])

    def _pair(self, recorded: str | None, simulated: str | None) -> None:
        if recorded and simulated and recorded != simulated:
            self._known.setdefault(recorded, simulated)


def asked(exchange: Exchange, names: Names) -> Request:
    """The recorded request, with a token of nobody's in particular."""
    body = b"" if exchange.sent is None else names.translate(json.dumps(exchange.sent)).encode()
    headers = {"Authorization": "Bearer recorded", "Content-Type": "application/json"}
    return Request(exchange.method, names.translate(exchange.url), headers, body)


def _operation(headers: dict[str, str]) -> str | None:
    found = POLLED.search(headers.get("azure-asyncoperation") or headers.get("location") or "")
    return found.group(1) if found else None
