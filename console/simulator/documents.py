"""Configuration and template in the two forms ARM shows: as sent (the answer to a PUT) and settled (every GET after).

Defaults, omissions and order as recorded in containerapps-create-multiple-mode, -put-replace-loses-fields,
-crashing-revision-app-succeeded, -lro-never-finishes-app-failed and -revision-copy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from console.simulator.merge import without_nulls
from console.simulator.traffic import Traffic

Json = dict[str, Any]

MODES = {"single": "Single", "multiple": "Multiple", "labels": "Labels"}
TRANSPORTS = {"auto": "Auto", "http": "Http", "http2": "Http2", "tcp": "Tcp"}
DISKS = ((0.25, "1Gi"), (0.5, "2Gi"), (1.0, "4Gi"))
CONTAINER_FIELDS = (
    "image", "imageType", "name", "command", "args", "env", "resources", "probes", "volumeMounts"
)  # fmt: skip
NEW_APP_RETENTION = 100


def configuration_as_sent(sent: Json | None, *, new: bool) -> Json:
    """Configuration as a PUT answers it; maxInactiveRevisions omitted is 100 for a new app, null for an old one."""
    sent = sent or {}
    retention = sent.get("maxInactiveRevisions")
    if retention is None and new:
        retention = NEW_APP_RETENTION
    mode = str(sent.get("activeRevisionsMode") or "Single")
    return {
        "secrets": _secret_names(sent.get("secrets")),
        "activeRevisionsMode": MODES.get(mode.lower(), mode),
        "targetLabel": sent.get("targetLabel"),
        "revisionTransitionThreshold": sent.get("revisionTransitionThreshold"),
        "ingress": _ingress_as_sent(sent.get("ingress")),
        "registries": without_nulls(sent.get("registries")) or None,
        "identitySettings": sent.get("identitySettings") or [],
        "dapr": sent.get("dapr"),
        "runtime": sent.get("runtime"),
        "maxInactiveRevisions": retention,
        "service": sent.get("service"),
    }


def configuration_settled(sent: Json, fqdn: str) -> Json:
    """Configuration as every GET after the write shows it."""
    ingress = sent["ingress"]
    if ingress is not None:
        ingress = {
            **ingress,
            "fqdn": fqdn,
            "exposedPort": ingress["exposedPort"] or 0,
            "traffic": ingress["traffic"] or [Traffic(100, latest=True).shown()],
        }
    return {
        **sent,
        "targetLabel": sent["targetLabel"] or "",
        "ingress": ingress,
        "registries": [_registry(one) for one in sent["registries"]] if sent["registries"] else None,
    }


def template_as_sent(sent: Json | None) -> Json:
    """Template as a PUT answers it: an image whose kind was not given reads CloudBuild, a missing scale null."""
    sent = sent or {}
    return {
        "revisionSuffix": sent.get("revisionSuffix"),
        "terminationGracePeriodSeconds": sent.get("terminationGracePeriodSeconds"),
        "containers": [container(one, "CloudBuild") for one in sent.get("containers") or []],
        "initContainers": without_nulls(sent.get("initContainers")) or None,
        "scale": _scale(sent["scale"]) if sent.get("scale") else None,
        "volumes": without_nulls(sent.get("volumes")) or None,
        "serviceBinds": sent.get("serviceBinds") or None,
    }


def template_settled(sent: Json) -> Json:
    """Template as every GET after the write shows it, with the defaults filled in."""
    containers = []
    for one in sent["containers"]:
        kind = "ContainerImage" if one.get("imageType") in (None, "CloudBuild") else one["imageType"]
        resources = one.get("resources") or _resources({"cpu": 0.5, "memory": "1Gi"})
        containers.append(_ordered({**one, "imageType": kind, "resources": resources}, CONTAINER_FIELDS))
    return {
        **sent,
        "revisionSuffix": sent["revisionSuffix"] or "",
        "containers": containers,
        "scale": _scale(sent["scale"] or {}),
    }


def template_of_revision(template: Json) -> Json:
    """The template as a revision shows it: no suffix, no derived fields, and probes always there."""
    containers = [
        _ordered(
            {
                "probes": [],
                **{key: value for key, value in one.items() if key != "imageType"},
                "resources": {key: one["resources"][key] for key in ("cpu", "memory")},
            },
            CONTAINER_FIELDS,
        )
        for one in template["containers"]
    ]
    scale = {key: template["scale"][key] for key in ("minReplicas", "maxReplicas", "rules")}
    return {**template, "revisionSuffix": None, "containers": containers, "scale": scale}


def same_template(one: Json, other: Json) -> bool:
    """Whether two templates would run the same thing: suffix, and probes that are merely empty, do not count."""
    return _essence(one) == _essence(other)


def container(sent: Json, default_kind: str) -> Json:
    """One container as sent: nulls dropped, ephemeral storage derived from the processors asked for."""
    kept = without_nulls(sent)
    kept = {key: value for key, value in kept.items() if value != [] or key == "probes"}
    kept.setdefault("imageType", default_kind)
    if kept.get("resources"):
        kept["resources"] = _resources(kept["resources"])
    return _ordered(kept, CONTAINER_FIELDS)


def _resources(sent: Json) -> Json:
    cpu = float(sent.get("cpu") or 0.5)
    disk = next((size for most, size in DISKS if cpu <= most), "8Gi")
    return {"cpu": cpu, "memory": sent.get("memory") or f"{cpu * 2:g}Gi", "ephemeralStorage": disk}


def _scale(sent: Json) -> Json:
    return {
        "minReplicas": sent.get("minReplicas"),
        "maxReplicas": 10 if sent.get("maxReplicas") is None else sent["maxReplicas"],
        "cooldownPeriod": sent.get("cooldownPeriod") or 300,
        "pollingInterval": sent.get("pollingInterval") or 30,
        "rules": without_nulls(sent.get("rules")) or None,
    }


def _ingress_as_sent(sent: Json | None) -> Json | None:
    if sent is None:
        return None
    traffic = sent.get("traffic")
    transport = str(sent.get("transport") or "Auto")
    return {
        "fqdn": sent.get("fqdn"),
        "external": bool(sent.get("external")),
        "targetPort": sent.get("targetPort"),
        "exposedPort": sent.get("exposedPort"),
        "transport": TRANSPORTS.get(transport.lower(), transport),
        "traffic": [Traffic.read(entry).shown() for entry in traffic] if traffic else None,
        "customDomains": sent.get("customDomains"),
        "allowInsecure": bool(sent.get("allowInsecure")),
        "ipSecurityRestrictions": sent.get("ipSecurityRestrictions"),
        "corsPolicy": sent.get("corsPolicy"),
        "clientCertificateMode": sent.get("clientCertificateMode"),
        "stickySessions": sent.get("stickySessions"),
        "additionalPortMappings": sent.get("additionalPortMappings"),
        "targetPortHttpScheme": sent.get("targetPortHttpScheme"),
    }


def _secret_names(sent: list[Json] | None) -> list[Json] | None:
    shown = ({key: one[key] for key in ("name", "keyVaultUrl", "identity") if one.get(key)} for one in sent or [])
    return list(shown) or None


def _registry(sent: Json) -> Json:
    return {key: sent.get(key) or "" for key in ("server", "username", "passwordSecretRef", "identity")}


def _essence(template: Json) -> Json:
    containers = [
        {key: value for key, value in one.items() if value != []} for one in template.get("containers") or []
    ]
    return {**template, "revisionSuffix": None, "containers": containers}


def _ordered(fields: Json, order: Iterable[str]) -> Json:
    known = {key: fields[key] for key in order if key in fields}
    return {**known, **{key: value for key, value in fields.items() if key not in known}}
