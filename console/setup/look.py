"""Asks a service a few questions, so that its probe need not be guessed: where it answers, how it names itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import httpx

from console.azure.survey import App
from console.config import ProbeSettings
from console.domain.clean import clean

USUAL = ("/health/ready", "/health", "/healthz", "/")
TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a service was seen to do. `header` or `pointer` is where it said which revision answered."""

    path: str = ""
    header: str = ""
    pointer: str = ""
    error: str = ""

    @property
    def names_itself(self) -> bool:
        return bool(self.header or self.pointer)


async def look(app: App, http: httpx.AsyncClient, url: str | None = None, path: str | None = None) -> Seen:
    """Asks the usual pages, at most once each, until one answers well. `url` is where, if not the public address."""
    base = url or (f"https://{app.fqdn}" if app.fqdn and app.external else "")
    if not base:
        return Seen(error="it has no address that can be asked from here")
    asked = [path] if path else list(dict.fromkeys([app.readiness or USUAL[0], *USUAL]))
    error = ""
    for page in asked:
        try:
            answer = await http.get(base.rstrip("/") + page, timeout=TIMEOUT_S)
        except (httpx.HTTPError, httpx.InvalidURL) as failed:
            return Seen(error=clean(str(failed) or type(failed).__name__, 160))
        if answer.is_success:
            return _seen(page, answer, app.name)
        error = f"{page} answered {answer.status_code}"
    return Seen(error=error)


def usual_path(app: App) -> str:
    """Where to ask, where nobody could look: the container's own readiness page, or the usual one."""
    return app.readiness or ProbeSettings().path


def _seen(page: str, answer: httpx.Response, app: str) -> Seen:
    header = next((name for name, value in answer.headers.items() if _is_revision(value, app)), "")
    return Seen(page, clean(header, 80), "" if header else _pointer(answer, app))


def _pointer(answer: httpx.Response, app: str) -> str:
    """The top-level key of a JSON answer that names a revision, as a pointer."""
    try:
        body = json.loads(answer.content)
    except ValueError:
        return ""
    pairs: Iterable[tuple[str, object]] = body.items() if isinstance(body, dict) else ()
    named = (key for key, value in pairs if isinstance(value, str) and _is_revision(value, app))
    return next((f"/{clean(key, 60).replace('~', '~0').replace('/', '~1')}" for key in named), "")


def _is_revision(value: str, app: str) -> bool:
    """Azure names a revision `app--suffix`, and tells the container in CONTAINER_APP_REVISION."""
    return value.strip().lower().startswith(f"{app.lower()}--")
