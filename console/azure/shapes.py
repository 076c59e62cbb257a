"""Azure Resource Manager's bodies as our data. States are open words and stay as Azure wrote them, cleaned.

Shapes: Microsoft.App containerApps and revisions, api-version 2026-07-01 and older
(https://learn.microsoft.com/rest/api/resource-manager/containerapps).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from console.azure.app_wide import app_wide
from console.domain.clean import clean
from console.domain.code import CodeState, Revision
from console.domain.traffic import TrafficEntry

Body = Mapping[str, Any]


def code_state(app: Body, revisions: Sequence[Body], label_histories: Sequence[Body] = ()) -> CodeState:
    """The code layer from the app's body, its revisions' bodies, and Azure's memory of labels where there is one."""
    properties = _section(app, "properties")
    configuration = _section(properties, "configuration")
    ingress = _section(configuration, "ingress")
    system = _section(app, "systemData")
    found = sorted((revision(body) for body in revisions), key=_newest, reverse=True)
    return CodeState(
        app=_word(app, "name"),
        mode=_word(configuration, "activeRevisionsMode") or "Single",
        provisioning=_word(properties, "provisioningState"),
        running=_word(properties, "runningStatus"),
        fqdn=_word(ingress, "fqdn"),
        external=bool(ingress.get("external")),
        traffic=tuple(_entry(entry) for entry in ingress.get("traffic") or ()),
        revisions=tuple(found),
        latest=_word(properties, "latestRevisionName") or None,
        resource_id=_word(app, "id"),
        modified_at=moment(system.get("lastModifiedAt")),
        modified_by=_word(system, "lastModifiedBy") or None,
        max_inactive=configuration.get("maxInactiveRevisions"),
        carried=carried_from_labels(label_histories),
        label_holders={_word(body, "name"): _holders(body) for body in label_histories},
        app_wide=app_wide(app),
    )


def revision(body: Body) -> Revision:
    """One revision from its body."""
    properties = _section(body, "properties")
    template = _section(properties, "template")
    scale = _section(template, "scale")
    container: Body = next(iter(template.get("containers") or ()), {})
    return Revision(
        name=_word(body, "name"),
        active=bool(properties.get("active")),
        health=_word(properties, "healthState"),
        running=_word(properties, "runningState"),
        provisioning=_word(properties, "provisioningState"),
        replicas=int(properties.get("replicas") or 0),
        image=clean(str(container.get("image") or ""), 300),
        created=moment(properties.get("createdTime")),
        fqdn=_word(properties, "fqdn"),
        error=clean(str(properties["provisioningError"]), 300) if properties.get("provisioningError") else None,
        last_active=moment(properties.get("lastActiveTime")),
        env=tuple(_variable(item) for item in container.get("env") or ()),
        min_replicas=int(scale.get("minReplicas") or 0),
        max_replicas=int(scale.get("maxReplicas") or 10),
        scale_rules=tuple(_rule(rule) for rule in scale.get("rules") or ()),
        template=_fingerprint(template),
    )


def carried_from_labels(histories: Sequence[Body]) -> Mapping[str, datetime]:
    """When each revision last had a label (containerApps/labelHistories, api-version 2026-07-01)."""
    carried: dict[str, datetime] = {}
    for history in histories:
        for record in _records(history):
            name, at = _word(record, "revision"), moment(record.get("stop") or record.get("start"))
            if name and at and at > carried.get(name, datetime.min.replace(tzinfo=UTC)):
                carried[name] = at
    return carried


def _holders(history: Body) -> tuple[str, ...]:
    """Every revision that a label has been on."""
    return tuple(dict.fromkeys(_word(record, "revision") for record in _records(history)))


def _records(history: Body) -> list[Body]:
    """The records of a label history, as far as they have a shape: it is a memory, and never worth an error."""
    records = _section(history, "properties").get("records")
    return [record for record in records if isinstance(record, Mapping)] if isinstance(records, list) else []


def moment(value: Any) -> datetime | None:
    """A time as Azure writes it, seven-digit fractions and missing zones included; UTC is assumed."""
    if not isinstance(value, str):
        return None
    text = re.sub(r"(\.\d{6})\d+", r"\1", value.replace("Z", "+00:00"))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _newest(one: Revision) -> tuple[float, str]:
    return (one.created.timestamp() if one.created else 0.0, one.name)


def _entry(body: Body) -> TrafficEntry:
    latest = bool(body.get("latestRevision"))
    name = None if latest else _word(body, "revisionName") or None
    return TrafficEntry(int(body.get("weight") or 0), name, latest, _word(body, "label") or None)


def _variable(body: Body) -> tuple[str, str]:
    """An environment variable; a secret's value is never read, its name stands for it."""
    value = f"secretref:{body['secretRef']}" if body.get("secretRef") else str(body.get("value") or "")
    return clean(str(body.get("name") or ""), 200), clean(value, 500)


def _rule(body: Body) -> str:
    kind = next((key for key in ("custom", "azureQueue", "tcp", "http") if body.get(key)), "rule")
    custom = _section(body, "custom")
    name = str(custom.get("type") or kind).removeprefix("azure-")
    return clean(f"{name}:{body.get('name') or ''}", 120)


def _fingerprint(template: Body) -> str:
    text = json.dumps(template, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _section(body: Body, key: str) -> Body:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def _word(body: Body, key: str) -> str:
    value = body.get(key)
    return clean(value, 300) if isinstance(value, str) else ""
