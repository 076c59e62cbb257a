"""What the console does on Azure, and the permission that each needs: the one list behind doctor and the roles.

Actions: https://learn.microsoft.com/azure/role-based-access-control/permissions/compute (microsoft.app) and
.../permissions/monitor. `labelHistories` is not in the published list: it follows the resource's path.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from console.azure.credentials import Identity

READER, OPERATOR = "reader", "operator"
ROLES = {READER: "Rollback Console Reader", OPERATOR: "Rollback Console Operator"}
PLACEHOLDER = "/subscriptions/SUBSCRIPTION"


@dataclass(frozen=True, slots=True)
class Feature:
    """Something the console does. Without an `optional` one it does the rest; `loss` says what is lost."""

    id: str
    title: str
    action: str
    role: str = READER
    optional: bool = False
    loss: str = ""

    @property
    def writes(self) -> bool:
        return self.role == OPERATOR


FEATURES = (
    Feature("read-app", "read the app", "Microsoft.App/containerApps/read"),
    Feature("list-revisions", "list revisions", "Microsoft.App/containerApps/revisions/read"),
    Feature(
        "permissions",
        "read what we may do",
        "Microsoft.Authorization/permissions/read",
        optional=True,
        loss="the confirmation cannot say beforehand whether you may write",
    ),
    Feature(
        "metrics",
        "read metrics",
        "Microsoft.Insights/metrics/read",
        optional=True,
        loss="a service that does not say which revision answered cannot be proven by Azure's count of requests",
    ),
    Feature(
        "label-history",
        "read the history of labels",
        "Microsoft.App/containerApps/labelHistories/read",
        optional=True,
        loss="which revision had a label before is not known",
    ),
    Feature("shift-traffic", "shift traffic", "Microsoft.App/containerApps/write", OPERATOR),
    Feature("activate", "activate a revision", "Microsoft.App/containerApps/revisions/activate/action", OPERATOR),
    Feature(
        "deactivate",
        "deactivate a revision",
        "Microsoft.App/containerApps/revisions/deactivate/action",
        OPERATOR,
        optional=True,
        loss="a bad revision at 0 % goes on consuming queues and timers",
    ),
    Feature(
        "follow-operation",
        "follow an operation",
        "Microsoft.App/locations/containerappOperationStatuses/read",
        OPERATOR,
        optional=True,
        loss="a write is judged by the app alone, without Azure's own word on it",
    ),
)


def role_definition(role: str, scope: str = PLACEHOLDER) -> dict[str, Any]:
    """The custom role as `az role definition create` takes it, assignable in `scope`'s subscription."""
    body: dict[str, Any] = json.loads(files("runbooks").joinpath("roles", f"{role}.json").read_text(encoding="utf-8"))
    return {**body, "AssignableScopes": [subscription_of(scope)]}


def grant(feature: Feature, identity: Identity, resource: str, console: str) -> str:
    """The commands that give `identity` what `feature` needs; an owner of `resource` runs them.

    `console` is the command line that names the target, so that the role's subscription is the right one.
    """
    file = f"{feature.role}.json"
    define = f"{console} doctor --role {feature.role} > {file} && az role definition create --role-definition {file}"
    kind = "User" if identity.is_person else "ServicePrincipal"
    who = f"--assignee-object-id {shlex.quote(identity.object_id)} --assignee-principal-type {kind}"
    if not identity.object_id:
        who = "--assignee OBJECT-ID-OF-WHO-NEEDS-IT"
    role = f"--role {shlex.quote(ROLES[feature.role])} --scope {shlex.quote(resource)}"
    return f"# once, where the role does not exist yet:\n{define}\naz role assignment create {who} {role}"


def subscription_of(resource: str) -> str:
    """The subscription's own id in a resource's id."""
    return "/".join(resource.split("/")[:3])
