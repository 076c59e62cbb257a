"""Doctor tells of the model layer what it may read and write, and which deployments call for attention."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from console.azure.credentials import Identity
from console.setup.check import Check, State
from console.setup.model_checks import grant, model_checks
from tests.engine.played_models import STABLE, Models, play, target

ACCOUNT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
PERSON = Identity("alice@contoso.example", "0f0f", is_person=True)


def checks_of(tmp_path: Path, token: str = "rehearsal", read_only: bool = False) -> dict[str, Check]:
    at = target()
    azure = at.azure.model_copy(update={"rehearsal_token": token})
    at = at.model_copy(update={"azure": azure, "read_only": read_only})
    found: dict[str, Check] = {}

    async def act(models: Models) -> None:
        told = await model_checks(at, models.clients.doors["model"], PERSON, models.clock)
        found.update({check.id: check for check in told})

    models = play(tmp_path, act, at=at, writing=False)
    assert models.played.sent == []
    return found


def test_an_operator_may_do_all_and_is_told_what_upgrades_itself(tmp_path: Path) -> None:
    found = checks_of(tmp_path)
    assert [found[name].state for name in ("read-models", "write-models", "delete-models")] == [State.PASS] * 3
    assert found["pinned-models"].state is State.WARN
    assert f"{STABLE} upgrades itself" in found["pinned-models"].detail


@pytest.mark.parametrize(("read_only", "told"), [(False, State.FAIL), (True, State.WARN)])
def test_a_reader_lacks_what_writes_and_is_given_the_role(tmp_path: Path, read_only: bool, told: State) -> None:
    found = checks_of(tmp_path, "rehearsal-reader", read_only)
    assert found["read-models"].state is State.PASS
    assert found["write-models"].state is told
    assert "az role assignment create --assignee-object-id 0f0f" in found["write-models"].fix


def test_the_role_is_whole_and_safe_to_paste() -> None:
    define, assign = grant(PERSON, f"{ACCOUNT}; rm -rf ~", "Operator").splitlines()[1:]
    role = json.loads(shlex.split(define)[-1])
    assert "Microsoft.CognitiveServices/accounts/deployments/write" in role["Actions"]
    assert not any("listKeys" in action or "*" in action for action in role["Actions"])
    assert role["AssignableScopes"] == ["/subscriptions/s"]
    assert shlex.split(assign)[-1] == f"{ACCOUNT}; rm -rf ~"
