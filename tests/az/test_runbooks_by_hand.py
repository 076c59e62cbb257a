"""Every command of every runbook, filled with the names of a live stage and run in order, for real."""

from __future__ import annotations

import asyncio
import json
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.clock import SystemClock
from console.config.load import load
from console.desk import Desk
from console.guidance.placeholders import Name, Names, names
from console.guidance.runbook import Runbook, filled, shelf
from console.simulator.stores.furnish import CHAT_OFF
from console.target import open_clients
from tests.az.second_client import V40, V41, V42, WITH_AZ, Stage, staged, until
from tests.guidance.checking import Command, commands

pytestmark = WITH_AZ

RUN = frozenset({"az", "sqlite3", "git", "cd", "(echo", "grep", "touch"})
NEW_URL = "postgresql://pharmabot@pharmabot-db-back1.postgres.database.azure.com/pharmabot"
NOTHING: Mapping[str, str] = {}
CHOSEN = {
    "suffix": "back1",
    "variable": "AOAI_DEPLOYMENT",
    "good_value": "gpt4o-mini",
    "restored_server": "pharmabot-db-back1",
    "secret": "prompts-url-back1",
    "revert_branch": "rollback/back1",
    "idle_revision": V41,
    "image": "pharmabot.azurecr.io/pharmabot:1.5.1",
    "bypass": "true",
}


def seen(stage: Stage, runbook: Runbook) -> Names:
    """The names that the console knows of a live stage, and those that a person chooses."""

    async def looked() -> Names:
        settings = load(stage.folder / "rollback.toml").targets["pharmabot"]
        clients = open_clients(settings, SystemClock(), writing=False, name="pharmabot")
        desk = Desk("pharmabot", settings, clients, None, "", SystemClock())
        try:
            return names(settings, await desk.once(), runbook.layer)
        finally:
            await desk.close()

    return asyncio.run(looked())


def with_chosen(known: Names, kind: Mapping[str, str], **chosen: str) -> Names:
    open_ones = {word: text for word, text in CHOSEN.items() if not known.known.get(word, Name()).text}
    own = {word: Name(text) for word, text in (open_ones | chosen).items()}
    return Names({**known.known, **own}, {**known.facts, **kind})


def followed(stage: Stage, name: str, kind: Mapping[str, str] = NOTHING, **chosen: str) -> str:
    """Runs what stands in a runbook, from top to bottom; the text as it was shown."""
    runbook = shelf().runbooks[name]
    known = with_chosen(seen(stage, runbook), kind, **chosen)
    shown = filled(runbook, known)
    left = dict(shown.missing)
    assert set(left) <= {"deployment_body", "new_revision"}, left
    for command in commands(shown.text):
        carried_out(stage, command)
    return shown.text


def carried_out(stage: Stage, command: Command) -> str:
    """One command as it would be pasted; the stage comes to rest behind it."""
    if command.tool not in RUN:
        assert command.tool in ("curl", "rollback-console", "true", "psql"), command.tool
        return ""
    if command.tool == "sqlite3" and shutil.which("sqlite3") is None:
        pytest.skip("sqlite3 is not installed")
    text = with_made(stage, command.text)
    environment = {**stage.environment, "NEW_URL": NEW_URL, "HOME": str(stage.folder)}
    for key in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        environment |= {key: "alice", key.replace("NAME", "EMAIL"): "alice@pharmabot.example"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        env=environment,
        cwd=stage.folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    stage.settled()
    return done.stdout


def with_made(stage: Stage, text: str) -> str:
    """With what the steps before have made: the pipeline's revision, and a deployment's body as it is said to be."""
    if "<new_revision>" in text:
        made = until(stage.state, lambda app: len(app["revisions"]) > 3)["revisions"]
        text = text.replace("<new_revision>", next(iter({one["name"] for one in made} - {V40, V41, V42})))
    if "<deployment_body>" not in text:
        return text
    told = json.loads((stage.folder / "deployment.json").read_text())
    for key in ("id", "name", "type", "etag", "systemData"):
        told.pop(key, None)
    for key in ("provisioningState", "capabilities", "rateLimits", "ratelimits"):
        told["properties"].pop(key, None)
    told["properties"]["model"]["version"] = "2024-08-06"
    told["properties"]["versionUpgradeOption"] = "NoAutoUpgrade"
    return text.replace("<deployment_body>", shlex.quote(json.dumps(told)))


def serving(stage: Stage) -> Mapping[str, int]:
    return {one["revisionName"]: one["weight"] for one in stage.settled()["traffic"] if one["weight"]}


def of(stage: Stage, layer: str) -> Any:
    return stage.console("status")["layers"][layer]


def test_code_traffic_shift(tmp_path: Path) -> None:
    with staged("bad-image", tmp_path) as stage:
        followed(stage, "code-traffic-shift")
        assert serving(stage) == {V41: 100}


def test_code_traffic_shift_in_single_revision_mode_copies(tmp_path: Path) -> None:
    with staged("single-mode", tmp_path) as stage:
        text = followed(stage, "code-traffic-shift")
        assert "traffic set" not in text
        assert "pharmabot--back1" in set(stage.settled()["revisions"])


def test_config_revert(tmp_path: Path) -> None:
    with staged("config-only", tmp_path) as stage:
        followed(stage, "config-revert")
        assert serving(stage) == {"pharmabot--back1": 100}


def test_prompt_revert(tmp_path: Path) -> None:
    with staged("bad-prompt", tmp_path) as stage:
        text = followed(stage, "prompt-revert")
        assert "psql" not in text
        assert "git -C" not in text
        assert "is_active = 1 WHERE name = 'drug_info' AND version = '6'" in text
        assert "drug_info v6" in str(of(stage, "prompt")) or '"6"' in json.dumps(of(stage, "prompt"))


def test_prompt_revert_in_git(tmp_path: Path) -> None:
    with staged("bad-prompt-git", tmp_path) as stage:
        text = followed(stage, "prompt-revert")
        assert "UPDATE" not in text
        (made,) = set(stage.settled()["revisions"]) - {V40, V41, V42}
        assert serving(stage) == {made: 100}


def test_model_redeploy(tmp_path: Path) -> None:
    with staged("model-drift", tmp_path) as stage:
        before = stage.azure(*DEPLOYMENT)
        followed(stage, "model-redeploy")
        after = stage.azure(*DEPLOYMENT)
        assert (before["version"], after["version"]) == ("2024-11-20", "2024-08-06")
        assert after["upgrade"] == "NoAutoUpgrade"
        assert (after["filter"], after["capacity"]) == (before["filter"], before["capacity"])


def test_embedding_index_switch(tmp_path: Path) -> None:
    with staged("embedding-mismatch", tmp_path) as stage:
        followed(stage, "embedding-index-switch")
        assert serving(stage) == {V41: 100}


def test_schema_code_first(tmp_path: Path) -> None:
    with staged("breaking-migration", tmp_path) as stage:
        followed(stage, "schema-code-first")
        assert serving(stage) == {V41: 100}


def test_schema_down_migration(tmp_path: Path) -> None:
    with staged("breaking-migration", tmp_path) as stage:
        followed(stage, "schema-down-migration")
        assert "8c1d02" in json.dumps(of(stage, "schema"))


def test_schema_point_in_time_restore(tmp_path: Path) -> None:
    with staged("breaking-migration", tmp_path) as stage:
        moment = datetime.now(UTC) - timedelta(hours=1)
        followed(stage, "schema-point-in-time-restore", restore_time=moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
        assert serving(stage) == {"pharmabot--back1": 100}


def test_schema_point_in_time_restore_where_a_secret_holds_the_address(tmp_path: Path) -> None:
    with staged("breaking-migration", tmp_path) as stage:
        moment = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        kind = {"address": "secret"}
        text = followed(stage, "schema-point-in-time-restore", kind, restore_time=moment, url_env="PROMPTS_URL")
        assert "secret set" in text
        assert serving(stage) == {"pharmabot--back1": 100}


def test_gateway_reroute(tmp_path: Path) -> None:
    with staged("model-drift", tmp_path) as stage:
        followed(stage, "gateway-reroute")
        assert serving(stage) == {"pharmabot--back1": 100}


def test_feature_off(tmp_path: Path) -> None:
    with staged("bad-prompt", tmp_path) as stage:
        followed(stage, "feature-off")
        assert (Path(stage.told["stores"]).parent / CHAT_OFF).exists()
        assert not stage.settled()["revisions"][V41]["active"]


def test_fix_forward(tmp_path: Path) -> None:
    with staged("bad-image", tmp_path) as stage:
        followed(stage, "fix-forward")
        assert serving(stage) == {"pharmabot--back1": 100}


def test_hold_and_investigate_changes_nothing(tmp_path: Path) -> None:
    with staged("bad-image", tmp_path) as stage:
        before = stage.settled()
        followed(stage, "hold-and-investigate")
        assert stage.settled() == before


DEPLOYMENT = (
    *("cognitiveservices", "account", "deployment", "show", "-n", "pharmabot-openai", "-g", "pharmabot-rg"),
    *("--deployment-name", "gpt4o-stable", "--query"),
    "{version:properties.model.version, filter:properties.raiPolicyName, capacity:sku.capacity,"
    " upgrade:properties.versionUpgradeOption}",
)
