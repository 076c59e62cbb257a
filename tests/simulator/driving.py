"""Driving the machine by hand: a stage without a shell, whose time stands still until it is told to pass."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.simulator import scenarios
from console.simulator.machine import Machine
from console.simulator.settings import Account
from console.simulator.wire import Door, Effects, Request, Response
from console.simulator.world import App, Revision, World

START = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
ARM = "https://management.azure.com"
SERVICE = "http://service.test"
ACCOUNT = Account(admin_token="secret", app_url=SERVICE)
NEWEST = "2026-07-01"
PHARMABOT = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/pharmabot-rg/providers/Microsoft.App/"
    "containerApps/pharmabot"
)
V40, V41, V42 = "pharmabot--v40", "pharmabot--v41", "pharmabot--v42"


class Bench:
    """A machine, its time, and short ways to ask it something."""

    def __init__(self, scenario: str = "bad-image", world: World | None = None) -> None:
        self.machine = Machine(world or scenarios.build(scenario, ACCOUNT, START))
        self.now = START
        self.effects = Effects(self.machine.world)

    def wait(self, seconds: float) -> Bench:
        self.now += timedelta(seconds=seconds)
        return self

    def turn(self, **settings: Any) -> Bench:
        """Changes settings of the world, timings by their own names too."""
        world = self.machine.world
        timings = {key: settings.pop(key) for key in list(settings) if key.endswith("_s")}
        changed = replace(world.settings, timings=replace(world.settings.timings, **timings), **settings)
        self.machine.world = replace(world, settings=changed)
        return self

    def ask(
        self, method: str, path: str = PHARMABOT, body: Any = None, *, version: str = NEWEST, token: str = "any"
    ) -> Response:
        """An ARM request; `path` may be a whole URL."""
        url = path if path.startswith("http") else f"{ARM}{path}?api-version={version}"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content = b"" if body is None else json.dumps(body).encode()
        return self.send(Request(method, url, headers, content))

    def send(self, request: Request) -> Response:
        response, self.effects = self.machine.exchange(request, self.now)
        return response

    def chat(self, at: str = SERVICE, path: str = "/chat") -> Response:
        return self.send(Request("POST", f"{at}{path}", door=Door.SERVICE))

    def who(self, count: int = 200) -> dict[str | None, int]:
        """How many of so many chats each revision answered."""
        answers = [self.chat().header("x-revision") for _ in range(count)]
        return {name: answers.count(name) for name in set(answers)}

    def admin(self, method: str, path: str, body: Any = None, token: str = "secret") -> Response:
        return self.ask(method, f"{ARM}/-/admin{path}", body, token=token)

    def fault(self, name: str, **params: Any) -> Response:
        return self.admin("POST", "/faults", {"fault": name, **params})

    def app(self, version: str = NEWEST) -> dict[str, Any]:
        return dict(self.ask("GET", version=version).json())

    def traffic(self) -> list[dict[str, Any]]:
        return list(self.app()["properties"]["configuration"]["ingress"]["traffic"])

    def revisions(self) -> dict[str, dict[str, Any]]:
        listed = self.ask("GET", f"{PHARMABOT}/revisions").json()["value"]
        return {one["name"]: one["properties"] for one in listed}

    def act(self, revision: str, action: str) -> Response:
        return self.ask("POST", f"{PHARMABOT}/revisions/{revision}/{action}")

    def patch(self, body: dict[str, Any], version: str = NEWEST) -> Response:
        return self.ask("PATCH", PHARMABOT, {"properties": body}, version=version)

    def shift(self, *entries: dict[str, Any]) -> Response:
        return self.patch({"configuration": {"ingress": {"traffic": list(entries)}}})

    def configure(self, **configuration: Any) -> Response:
        return self.patch({"configuration": configuration})

    def deploy(self, tag: str, **template: Any) -> Response:
        """A new image by PATCH, as `az containerapp update --image` sends it."""
        containers = self.app()["properties"]["template"]["containers"]
        image = f"pharmabot.azurecr.io/pharmabot:{tag}"
        changed = [{**one, "image": image} for one in containers]
        return self.patch({"template": {"containers": changed, "revisionSuffix": None, **template}})

    def status_of(self, write: Response) -> str:
        return str(self.ask("GET", write.header("Azure-AsyncOperation") or "").json()["status"])

    def state(self) -> App:
        return next(iter(self.machine.world.apps.values()))

    def revision(self, name: str) -> Revision:
        found = self.state().revision(name)
        assert found is not None
        return found


def named(revision: str, weight: int | str, label: str | None = None) -> dict[str, Any]:
    entry: dict[str, Any] = {"revisionName": revision, "weight": weight}
    return entry if label is None else {**entry, "label": label}
