"""What the plans of the schema print: az itself backs up, restores, and points the service at the restored server."""

from __future__ import annotations

from pathlib import Path

from tests.az.second_client import WITH_AZ, staged

pytestmark = WITH_AZ


def test_az_makes_the_backup_that_a_plan_prints(tmp_path: Path) -> None:
    with staged("breaking-migration", tmp_path) as stage:
        printed = stage.console("plan", "schema", "--deed", "back-up")
        stage.by_hand(printed["by_hand"])
        again = stage.console("plan", "schema", "--deed", "back-up")
        assert again["reason"] != printed["reason"]


def test_az_restores_and_repoints_as_a_plan_prints(tmp_path: Path) -> None:
    with staged("breaking-migration", tmp_path) as stage:
        stage.by_hand(stage.console("plan", "schema", "--way", "restore")["by_hand"])
        serving = [one for one in stage.settled()["traffic"] if one["weight"] == 100]
        assert [one["revisionName"] for one in serving] == ["pharmabot--v42-db1"]
