"""What Azure lets us do with the model layer's account, and what of its deployments calls for attention."""

from __future__ import annotations

import json
import shlex

from console.azure.credentials import Identity
from console.clock import Clock
from console.config import TargetSettings
from console.domain.failure import Failure, FailureKind
from console.domain.model import ModelState
from console.layers.model.door import DELETE, WRITE, ModelDoor
from console.setup.check import Check, State
from console.setup.features import subscription_of

READS = tuple(f"Microsoft.CognitiveServices/accounts/{what}read" for what in ("", "deployments/", "models/"))
ROLES = {"Rollback Console Model Reader": READS, "Rollback Console Model Operator": (*READS, WRITE, DELETE)}
_READ = ("read-models", "read the model deployments")
_WRITE = ("write-models", "roll a deployment back")
_REMOVE = ("delete-models", "remove a shadow deployment")


async def model_checks(
    settings: TargetSettings, door: ModelDoor, identity: Identity, clock: Clock
) -> tuple[Check, ...]:
    """Reads the account once, and asks for our permissions on it. Nothing is written."""
    account = door.reader.account_id
    try:
        state = await door.observe(None)
    except Failure as failure:
        fix = grant(identity, account, "Reader") if failure.kind is FailureKind.NOT_ALLOWED else ""
        return (Check(*_READ, State.FAIL, failure.sentence, fix),)
    write, remove = await door.reader.allows(WRITE), await door.reader.allows(DELETE)
    fix = grant(identity, account, "Operator")
    idle = settings.read_only
    return (
        _read(state),
        _may(_WRITE, WRITE, write, fix, State.WARN if idle else State.FAIL, idle),
        _may(_REMOVE, DELETE, remove, fix, State.WARN, idle),
        *_attention(state, clock),
    )


def grant(identity: Identity, account: str, role: str) -> str:
    """The commands that give `identity` what the model layer needs, and no more; an owner runs them."""
    name = f"Rollback Console Model {role}"
    body = {
        "Name": name,
        "IsCustom": True,
        "Description": "Model deployments in the rollback console. Sees no key.",
        "Actions": [*ROLES[name], "Microsoft.Authorization/permissions/read", "Microsoft.Insights/metrics/read"],
        "AssignableScopes": [subscription_of(account)],
    }
    kind = "User" if identity.is_person else "ServicePrincipal"
    who = f"--assignee-object-id {shlex.quote(identity.object_id)} --assignee-principal-type {kind}"
    if not identity.object_id:
        who = "--assignee OBJECT-ID-OF-WHO-NEEDS-IT"
    define = f"az role definition create --role-definition {shlex.quote(json.dumps(body))}"
    assign = f"az role assignment create {who} --role {shlex.quote(name)} --scope {shlex.quote(account)}"
    return f"# once, where the role does not exist yet:\n{define}\n{assign}"


def _read(state: ModelState) -> Check:
    if state.unread:
        return Check(*_READ, State.WARN, state.unread)
    return Check(*_READ, State.PASS, f"{len(state.deployments)} of {state.account}, done just now")


def _may(title: tuple[str, str], action: str, allowed: bool | None, fix: str, missing: State, idle: bool) -> Check:
    if allowed is None:
        return Check(*title, State.UNKNOWN, f"{action}: our permissions are not known")
    if allowed:
        return Check(*title, State.PASS, f"allowed ({action}); not tried")
    told = f"{action} is missing" + ("; not needed while read_only = true" if idle else "")
    return Check(*title, missing, told, fix)


def _attention(state: ModelState, clock: Clock) -> tuple[Check, ...]:
    """Deployments that upgrade themselves, and versions that retire soon."""
    found = state.warnings(clock.now())
    if not found:
        return (Check("pinned-models", "models stay what they are", State.PASS, "pinned, and none retires soon"),)
    return (Check("pinned-models", "models stay what they are", State.WARN, "; ".join(found)),)
