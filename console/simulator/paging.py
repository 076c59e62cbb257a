"""Lists, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from console.simulator.wire import Request, Response, answer, refuse
from console.simulator.world import World


def page(world: World, request: Request, bodies: Sequence[dict[str, Any]]) -> Response:
    """A list, with a nextLink where more follows than a page holds (never recorded; the SDKs follow it)."""
    token = request.query.get("$skipToken", "0")
    if not token.isdecimal():
        raise refuse(400, "InvalidSkipToken", f"The skip token '{token}' is invalid.")
    start = int(token)
    end = start + world.settings.page_size
    body: dict[str, Any] = {"value": list(bodies[start:end])}
    if end < len(bodies):
        asked = "&".join(f"{key}={quote(one)}" for key, one in request.query.items() if key != "$skipToken")
        body["nextLink"] = f"{request.base}{request.path}?{asked}&$skipToken={end}"
    return answer(200, body)
