"""az restores servers, deploys models and reads the Activity Log of the stage, as it does with Azure's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.az.second_client import APP, V41, V42, WITH_AZ, staged, until

pytestmark = WITH_AZ

GROUP = APP[2:]
SERVER = ("postgres", "flexible-server")
ACCOUNT = ("cognitiveservices", "account")
DEPLOYMENT = (*ACCOUNT, "deployment")
OPENAI = ("-n", "pharmabot-openai", *GROUP)


def test_az_backs_a_server_up_and_restores_it_to_another(tmp_path: Path) -> None:
    with staged("bad-image", tmp_path) as stage:
        shown = stage.azure(*SERVER, "show", "-n", "pharmabot-db", *GROUP)
        assert (shown["state"], shown["backup"]["backupRetentionDays"]) == ("Ready", 7)
        of_server = ("--server-name", "pharmabot-db", *GROUP)
        made = stage.azure(*SERVER, "backup", "create", "--name", "before", *of_server)
        assert made["backupType"] == "Customer On-Demand"
        assert made["name"] in [one["name"] for one in stage.azure(*SERVER, "backup", "list", *of_server)]
        restored = stage.azure(*SERVER, "restore", "--source-server", "pharmabot-db", "--name", "restored-db", *GROUP)
        assert restored["state"] == "Ready"
        assert restored["fullyQualifiedDomainName"] == "restored-db.postgres.database.azure.com"


def test_az_deploys_a_model_and_removes_it(tmp_path: Path) -> None:
    with staged("bad-image", tmp_path) as stage:
        offered = stage.azure(*ACCOUNT, "list-models", *OPENAI)
        assert ("gpt-4o", "2024-08-06") in [(one["name"], one["version"]) for one in offered]
        model = ("--model-name", "gpt-4o", "--model-version", "2024-08-06", "--model-format", "OpenAI")
        size = ("--sku-name", "Standard", "--sku-capacity", "1")
        shadow = ("--deployment-name", "shadow", *OPENAI)
        made = stage.azure(*DEPLOYMENT, "create", *shadow, *model, *size)
        assert made["properties"]["versionUpgradeOption"] == "OnceNewDefaultVersionAvailable"
        ready = until(
            lambda: stage.azure(*DEPLOYMENT, "show", *shadow),
            lambda one: one["properties"]["provisioningState"] == "Succeeded",
        )
        assert ready["sku"]["capacity"] == 1
        assert "shadow" in [one["name"] for one in stage.azure(*DEPLOYMENT, "list", *OPENAI)]
        stage.azure(*DEPLOYMENT, "delete", *shadow)
        assert "shadow" not in [one["name"] for one in stage.azure(*DEPLOYMENT, "list", *OPENAI)]


def test_az_reads_in_the_activity_log_what_az_did(tmp_path: Path) -> None:
    with staged("bad-image", tmp_path) as stage:
        stage.az("ingress", "traffic", "set", "--revision-weight", f"{V41}=100", f"{V42}=0")
        # the stage's time runs ahead of ours, and so does its log
        now = datetime.now(UTC)
        until_tomorrow = ("--start-time", now.isoformat(), "--end-time", (now + timedelta(days=1)).isoformat())
        log = ("monitor", "activity-log", "list", *GROUP, *until_tomorrow, "--caller", "oncall@pharmabot.example")
        found = until(
            lambda: {"events": stage.azure(*log)},
            lambda told: "Succeeded" in [one["status"]["value"] for one in told["events"]],
        )
        actions = {one["operationName"]["value"] for one in found["events"]}
        assert "Microsoft.App/containerApps/write" in actions
