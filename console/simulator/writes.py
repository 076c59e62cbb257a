"""Writing an app: PATCH merges, PUT replaces and forgets, DELETE; one write at a time.

Recorded in containerapps-patch-traffic-split, -update-new-revision, -patch-revision-suffix-only,
-noop-template-patch-max-inactive, -put-replace-loses-fields, -labels-mode and -secrets-put-and-400.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from console.simulator import documents, operations
from console.simulator.bodies import app_body_as_put, app_fqdn, location_name
from console.simulator.chance import digest, draw, new_suffix
from console.simulator.era import dialect_for, spoken
from console.simulator.labels import remember, unlabelled
from console.simulator.merge import merged
from console.simulator.revisions import RevisionAppears, begin_stop, supersede
from console.simulator.scale import follow
from console.simulator.shapes import check_body
from console.simulator.traffic import Traffic
from console.simulator.validation import check_conflict, check_properties, check_template
from console.simulator.wire import Request, Response, answer, refuse
from console.simulator.world import App, Event, Key, Revision, World

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TrafficReaches:
    """The ingress begins to obey a traffic array. In labels mode a revision without a label then goes down."""

    app: Key
    entries: tuple[Traffic, ...]

    def happen(self, world: World, at: datetime) -> World:
        app = world.apps.get(self.app)
        if app is None:
            return world
        lost = unlabelled(app, app.routed, self.entries) if app.mode == "Labels" else []
        world = world.with_app(remember(replace(app, routed=self.entries), at))
        for name in lost:
            world = begin_stop(world, self.app, name, at)
        return follow(world, self.app, at)


@dataclass(frozen=True, slots=True)
class ModeReaches:
    """The revisions begin to live by another mode. Entering single mode, all but the latest ready one go down."""

    app: Key
    mode: str

    def happen(self, world: World, at: datetime) -> World:
        app = world.apps.get(self.app)
        if app is None:
            return world
        app = replace(app, mode=self.mode)
        latest = app.revision(app.latest_ready)
        world = follow(world.with_app(app), self.app, at)
        return supersede(world, app, latest, at) if latest is not None and self.mode == "Single" else world


def patch(world: World, app: App, request: Request, now: datetime, by: str | None = None) -> tuple[Response, World]:
    """PATCH: 202, empty body; the document changes at once, the service some seconds later. `by`: not the caller."""
    check_conflict(app)
    sent = _object(request)
    properties = sent.get("properties") or {}
    check_properties(app, properties)
    changed, template = _merged(world, app, sent, now)
    check_template(app, template)
    changed = replace(changed, modified_by=by or changed.modified_by)
    done_s = world.settings.timings.traffic_done_s
    consequences: list[tuple[float, Event]] = []
    if changed.configured_mode != app.mode:
        done_s = world.settings.timings.mode_done_s
        consequences.append((world.settings.timings.mode_reaches_s, ModeReaches(app.key, changed.configured_mode)))
    if changed.traffic != app.traffic:
        reaches = TrafficReaches(app.key, changed.traffic)
        consequences.append((world.settings.timings.traffic_reaches_s, reaches))
    if _wants_revision(app, template):
        changed, appears, world = _new_revision(world, changed, template, now)
        consequences.append(appears)
        done_s = world.settings.timings.template_done_s
    operation, world = operations.start(world, changed, "PATCH", now, done_s, consequences)
    return answer(202, None, *operations.location_headers(world, request, operation, now)), world


def put(world: World, key: Key, names: Key, request: Request, now: datetime) -> tuple[Response, World]:
    """PUT: 201 with the app in progress. What is left out of the body is lost."""
    app = world.apps.get(key)
    if app is not None:
        check_conflict(app)
    sent = _object(request)
    properties = sent.get("properties") or {}
    check_properties(app, properties, whole=True)
    configuration, template, changed = _replaced(world, app, names, sent, now)
    fresh = documents.template_settled(template)
    consequences: list[tuple[float, Event]] = [
        (world.settings.timings.traffic_reaches_s, TrafficReaches(key, changed.traffic)),
        (world.settings.timings.mode_reaches_s, ModeReaches(key, changed.configured_mode)),
    ]
    if app is None or _wants_revision(app, fresh):
        changed, appears, world = _new_revision(world, changed, fresh, now)
        consequences.insert(0, appears)
    operation, world = operations.start(world, changed, "PUT", now, world.settings.timings.put_done_s, consequences)
    body = app_body_as_put(world, changed, configuration, template)
    dialect = dialect_for(request.query.get("api-version", ""))
    return answer(201, spoken(body, dialect), *operations.put_headers(world, request, operation, now)), world


def delete(world: World, app: App, request: Request, now: datetime) -> tuple[Response, World]:
    """DELETE: 202 with a Location that answers 204 in the end."""
    check_conflict(app)
    done_s = world.settings.timings.delete_done_s
    operation, world = operations.start(world, app, "DELETE", now, done_s, [(done_s, operations.AppGone(app.key))])
    location = ("Location", operations.url(world, request, operation, operations.RESULTS, now))
    return answer(202, None, location), world


def _merged(world: World, app: App, sent: Json, now: datetime) -> tuple[App, Json]:
    """The app with a merge patch applied to its documents, and the template it would have (suffix as sent)."""
    properties = sent.get("properties") or {}
    change = properties.get("configuration") or {}
    values = dict(app.secrets)
    if "secrets" in change:
        values = _values(change["secrets"] or [], values)
    asked = documents.configuration_as_sent(merged(app.configuration, change), new=False)
    configuration = documents.configuration_settled(asked, app_fqdn(world, app, asked["ingress"]))
    template = app.template
    if "template" in properties:
        template = documents.template_settled(
            documents.template_as_sent(merged(app.template, properties["template"]))
        )
    changed = replace(
        app,
        configuration=configuration,
        template=template,
        secrets=values,
        tags=merged(app.tags, sent["tags"]) if sent.get("tags") else app.tags,
        identity=_identity(world, sent["identity"]) if sent.get("identity") else app.identity,
        modified=now,
        modified_by=world.account.caller,
        deployment_errors=None,
    )
    return changed, template


def _replaced(world: World, app: App | None, names: Key, sent: Json, now: datetime) -> tuple[Json, Json, App]:
    """Configuration and template as sent, and the app that a PUT leaves behind.

    Of the old app only its revisions and its birth stay.
    """
    group, name = names
    properties = sent.get("properties") or {}
    configuration = documents.configuration_as_sent(properties.get("configuration"), new=app is None)
    template = documents.template_as_sent(properties.get("template"))
    base = app or App(name, group, location_name(str(sent.get("location", ""))), "", {}, {}, now, now)
    environment = properties.get("environmentId") or properties.get("managedEnvironmentId") or base.environment
    base = replace(base, environment=str(environment))
    fqdn = app_fqdn(world, base, configuration["ingress"])
    changed = replace(
        base,
        configuration=documents.configuration_settled(configuration, fqdn),
        created_by=base.created_by if app else world.account.caller,
        modified=now,
        modified_by=world.account.caller,
        secrets=_values((properties.get("configuration") or {}).get("secrets") or [], {}),
        tags=sent.get("tags"),
        identity=_identity(world, sent.get("identity") or {"type": "None"}),
        workload_profile=properties.get("workloadProfileName") or "Consumption",
        deployment_errors=None,
        template=documents.template_settled(template),
    )
    return configuration, template, changed


def _wants_revision(app: App, template: Json) -> bool:
    """A template makes a revision where it would run something else, or asks for another suffix."""
    if not documents.same_template(app.template, template):
        return True
    return bool(template["revisionSuffix"]) and template["revisionSuffix"] != app.template["revisionSuffix"]


def _new_revision(world: World, app: App, template: Json, now: datetime) -> tuple[App, tuple[float, Event], World]:
    suffix, world = _suffix(world, app, template)
    revision = Revision(
        name=f"{app.name}--{suffix}",
        created=now,
        template=documents.template_of_revision(template),
        label=app.configuration.get("targetLabel") or None,
    )
    appears: tuple[float, Event] = (world.settings.timings.create_s, RevisionAppears(app.key, revision))
    return replace(app, made=app.made + 1), appears, world


def _suffix(world: World, app: App, template: Json) -> tuple[str, World]:
    """The suffix asked for; else random for a first revision (and always in older times); else a number."""
    if template["revisionSuffix"]:
        return str(template["revisionSuffix"]), world
    if app.made and world.settings.era.numbered:
        return f"{app.made:07d}", world
    source, world = draw(world)
    return new_suffix(source), world


def _values(sent: Sequence[Json], known: dict[str, str]) -> dict[str, str]:
    return {str(one["name"]): str(one.get("value") or known.get(str(one["name"]), "")) for one in sent}


def _identity(world: World, sent: Json) -> Json:
    """A system identity gets its principal; null members are not shown."""
    shown = {key: value for key, value in sent.items() if value is not None}
    if "SystemAssigned" in str(shown.get("type")):
        principal = digest(world.account.subscription, 12)
        shown |= {"principalId": f"2b913294-2188-4352-8ff4-{principal}", "tenantId": world.account.tenant}
    return shown


def _object(request: Request) -> Json:
    try:
        sent = request.json()
    except ValueError as problem:
        message = "The request content was invalid and could not be deserialized."
        raise refuse(400, "InvalidRequestContent", message) from problem
    check_body(sent)
    return dict(sent)
