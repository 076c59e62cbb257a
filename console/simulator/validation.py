"""What a write is refused for, before anything changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.simulator.documents import same_template
from console.simulator.traffic import Traffic
from console.simulator.wire import refuse
from console.simulator.world import App

Json = dict[str, Any]


def check_conflict(app: App) -> None:
    """409 while another write is in progress (text reported by users, azure-container-apps#1731)."""
    if app.operation is None:
        return
    raise refuse(
        409,
        "ContainerAppOperationInProgress",
        f"Cannot modify a container app '{app.name}' because there is an active provisioning operation in progress. "
        f"OperationId: '{app.operation}'",
    )


def check_properties(app: App | None, properties: Json, *, whole: bool = False) -> None:
    """Secrets, registries and traffic of a body. `whole` for a PUT, which stands alone; a PATCH leans on the app."""
    configuration = properties.get("configuration") or {}
    _check_secrets(app, configuration, whole=whole)
    entries = (configuration.get("ingress") or {}).get("traffic")
    if entries:
        _check_traffic(app, entries)


def check_template(app: App, template: Json) -> None:
    """400 where the suffix asked for already names another revision."""
    suffix = template["revisionSuffix"]
    taken = app.revision(f"{app.name}--{suffix}") if suffix else None
    unchanged = suffix == app.template["revisionSuffix"] and same_template(app.template, template)
    if taken is not None and not unchanged:
        raise refuse(400, "ContainerAppRevisionSuffixInUse", f"A revision with the suffix '{suffix}' already exists.")


def _check_secrets(app: App | None, configuration: Json, *, whole: bool) -> None:
    sent: Sequence[Json] = configuration.get("secrets") or []
    known = dict(app.secrets) if app and not whole else {}
    empty = [
        one["name"] for one in sent if not (one.get("value") or one.get("keyVaultUrl") or known.get(one["name"]))
    ]
    if empty:
        raise refuse(
            400,
            "ContainerAppSecretInvalid",
            f"Invalid Request: Container app secret(s) with name(s) '{', '.join(empty)}' are invalid: "
            "value or keyVaultUrl and identity should be provided.",
        )
    if not whole and "secrets" not in configuration and "registries" not in configuration:
        return
    names = {one["name"] for one in sent} if whole or "secrets" in configuration else set(known)
    registries = configuration.get("registries")
    if registries is None and app and not whole:
        registries = app.configuration.get("registries")
    for registry in registries or []:
        reference = registry.get("passwordSecretRef")
        if reference and reference not in names:
            raise refuse(
                400,
                "ContainerAppRegistriesPasswordSecretRefNotFound",
                f"PasswordSecretRef '{reference}' defined for registry server '{registry.get('server')}' not found.",
            )


def _check_traffic(app: App | None, sent: Sequence[Json]) -> None:
    """Sum and names are checked; whether a revision is active is not (traffic-to-inactive-revision-accepted)."""
    try:
        entries = [Traffic.read(one) for one in sent]
    except ValueError as problem:
        raise refuse(
            400, "InvalidRequestContent", f"The weight of a traffic entry is invalid: {problem}"
        ) from problem
    if sum(entry.weight for entry in entries) != 100 or any(entry.weight < 0 for entry in entries):
        raise refuse(
            400, "ContainerAppInvalidTrafficWeight", "The sum of traffic weights must be 100, each from 0 to 100."
        )
    for entry in entries:
        if entry.revision and (app is None or app.revision(entry.revision) is None):
            raise refuse(400, "ContainerAppRevisionNotFound", f"Revision '{entry.revision}' was not found.")
