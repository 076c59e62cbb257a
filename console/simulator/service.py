"""The LLM service behind the ingress: /health, /health/ready and /chat, answered by the revision that was chosen.

A bad image passes both health checks and answers /chat wrongly, one time in five with a 5xx: the silent failure that
a health probe cannot see. Where a shell has stores for it, a chat is answered from what is found in them.
"""

from __future__ import annotations

import random
from datetime import datetime
from urllib.parse import unquote

from console.simulator.behaviour import behaviour_of
from console.simulator.bodies import domain_of
from console.simulator.chance import draw, new_uuid
from console.simulator.chat import SWITCHED_OFF, Reply, converse, question_of
from console.simulator.ingress import NO_UPSTREAM, OVERFLOW, Unanswered, choose, labelled, resolve
from console.simulator.metrics import counted, counted_model_call
from console.simulator.scale import overflow, requested, waking_s
from console.simulator.stores.knowledge import ASKED, DRUG_INFO
from console.simulator.surroundings import Call
from console.simulator.wire import REASONS, Effects, Request, Response, answer
from console.simulator.world import App, Revision, World

OWN_ADDRESS = "/-/revisions/"
RIGHT = "Adults: one 400 mg tablet up to three times a day, not more than 1200 mg in 24 hours without a doctor."
WRONG = "I could not find that medicine, but you can take as many as you like."
SOURCES = ("leaflet-ibuprofen-400.md#dosage",)


def receive(world: World, request: Request, now: datetime) -> tuple[Response, Effects]:
    """Answers one request to the service's address, a revision's own, or a label's."""
    source, world = draw(world)
    app, target, path = _addressed(world, request)
    if app is None:
        return _plain(404, "Error 404 - This Container App does not exist."), Effects(world)
    name = choose(app, source) if target is None else target
    found, world, delay_s = _reached(world, app, resolve(app, name), source, now)
    if isinstance(found, Unanswered):
        world = counted(world, name or "", found.status, now)
        return _plain(found.status, found.reason), Effects(world, delay_s)
    response, call = _respond(world, found, path, source), None
    if request.around is not None and request.around.chat_off and path.rstrip("/") == "/chat":
        response = answer(503, {"error": SWITCHED_OFF})
    elif request.around is not None and path.rstrip("/") == "/chat":
        reply = converse(world, app, found, question_of(request, ASKED), request.around)
        if not _bad(world, found):
            response = _told(world, found, reply)
        call = Call(now, DRUG_INFO, reply.prompt_version, found.name, reply.model, new_uuid(source), response.status)
        response, world = response.plus(("x-request-id", call.request_id)), _model_called(world, reply, now)
    if world.settings.names_itself:
        response = response.plus(("x-revision", found.name))
    return response, Effects(counted(world, found.name, response.status, now), delay_s, call=call)


def _told(world: World, revision: Revision, reply: Reply) -> Response:
    named = {"revision": revision.name} if world.settings.names_itself and reply.status == 200 else {}
    return answer(reply.status, reply.body | named)


def _model_called(world: World, reply: Reply, now: datetime) -> World:
    if reply.model_status is None:
        return world
    return counted_model_call(world, reply.account, reply.deployment, reply.model_status, now)


def _reached(
    world: World, app: App, found: Revision | Unanswered, source: random.Random, now: datetime
) -> tuple[Revision | Unanswered, World, float]:
    """The revision, after the seconds until it is awake; the ingress, where it is overrun or wakes too late."""
    if isinstance(found, Unanswered):
        return found, world, 0.0
    busy = overflow(world, app, found)
    if busy and source.random() < busy:
        return Unanswered(503, OVERFLOW), world, 0.0
    delay_s, held_s = waking_s(world, found, now), world.settings.timings.held_s
    world = requested(world, app, found, now)
    if delay_s > held_s:
        return Unanswered(503, NO_UPSTREAM), world, held_s
    return found, world, delay_s


def _respond(world: World, revision: Revision, path: str, source: random.Random) -> Response:
    bad = _bad(world, revision)
    match path.rstrip("/"):
        case "" | "/health":
            return answer(200, {"status": "ok"})
        case "/health/ready":
            return answer(200, {"status": "ready"})
        case "/chat" if bad and source.random() < world.settings.bad_share:
            return answer(500, {"error": "internal server error"})
        case "/chat":
            body = {
                "answer": WRONG if bad else RIGHT,
                "sources": [] if bad else list(SOURCES),
                "model": "gpt4o-stable",
            }
            return answer(200, body | ({"revision": revision.name} if world.settings.names_itself else {}))
        case _:
            return answer(404, {"error": "not found"})


def _bad(world: World, revision: Revision) -> bool:
    return behaviour_of(revision.runs, world.settings.images, revision.environment).bad


def _addressed(world: World, request: Request) -> tuple[App | None, str | None, str]:
    """The app, the revision asked for by name if any, and the path that it sees."""
    first = next(iter(world.apps.values()), None)
    path = unquote(request.path)
    if path.startswith(OWN_ADDRESS):
        name, _, rest = path.removeprefix(OWN_ADDRESS).partition("/")
        app = next((one for one in world.apps.values() if one.revision(name)), first)
        return app, name, f"/{rest}"
    host = request.host.rsplit(":", 1)[0].lower()
    for app in world.apps.values():
        label, _, domain = host.partition(".")
        if (
            domain.removeprefix("internal.") == domain_of(world, app).lower()
            and label.partition("--")[0] == app.name.lower()
        ):
            return app, _target(app, label), path
    return first, None, path


def _target(app: App, label: str) -> str | None:
    """`app---label` -> its revision, `app--suffix` -> that revision, `app` -> None, chosen by weight."""
    prefix = f"{app.name.lower()}---"
    if label.startswith(prefix):
        return labelled(app, label.removeprefix(prefix)) or ""
    return label if "--" in label else None


def _plain(status: int, text: str) -> Response:
    headers = (("Content-Type", "text/plain"),)
    return Response(status, REASONS[status], headers, text.encode())
