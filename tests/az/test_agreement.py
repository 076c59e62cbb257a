"""az and the console tell the same story of one app, before and after each other's writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.az.second_client import V40, V41, V42, WITH_AZ, Stage, staged, until

pytestmark = WITH_AZ


def versions(stage: Stage) -> dict[str, dict[str, Any]]:
    """The console's view, by revision."""
    return {one["revision"]: one for one in stage.console("status")["layers"]["code"]["versions"]}


def agreed(stage: Stage) -> dict[str, tuple[bool, int, str]]:
    """Activity, weight and image by revision, as both clients tell them once nothing moves any more."""
    stage.settled()
    listed = {
        one["name"]: (
            one["properties"]["active"],
            one["properties"]["trafficWeight"],
            one["properties"]["template"]["containers"][0]["image"],
        )
        for one in stage.az("revision", "list", "--all")
    }
    ours = {name: (one["active"], one["weight"], one["image"]) for name, one in versions(stage).items()}
    assert ours == listed
    return listed


def labels(stage: Stage) -> dict[str, str]:
    """Revision by label, as both clients tell them."""
    stage.settled()
    entries = stage.az("ingress", "traffic", "show")
    listed = {one["label"]: one["revisionName"] for one in entries if one.get("label")}
    ours = {label: name for name, one in versions(stage).items() for label in one["labels"]}
    assert ours == listed
    return listed


def test_they_agree_on_what_is_there(tmp_path: Path) -> None:
    with staged("bad-image", tmp_path) as stage:
        assert agreed(stage).keys() == {V40, V41, V42}
        assert labels(stage) == {"candidate": V42, "stable": V41}
        # az hides what is inactive, and shows one of them all the same
        assert [one["name"] for one in stage.az("revision", "list")] == [V41, V42]
        assert stage.az("revision", "show", "--revision", V40)["properties"]["active"] is False
        replicas = stage.az("replica", "list", "--revision", V42)
        assert len(replicas) == versions(stage)[V42]["replicas"] == 3
        assert stage.az("show")["name"] == "pharmabot"


def test_the_console_sees_what_az_did_to_traffic_and_labels(tmp_path: Path) -> None:
    with staged("labels", tmp_path) as stage:
        stage.az("ingress", "traffic", "set", "--revision-weight", f"{V41}=100", f"{V42}=0")
        assert agreed(stage)[V41][1] == 100
        stage.az("revision", "label", "swap", "--source", "production", "--target", "previous")
        assert labels(stage) == {"production": V41, "previous": V42}
        stage.az("revision", "label", "add", "--label", "canary", "--revision", V40, "--yes")
        assert labels(stage)["canary"] == V40
        stage.az("revision", "label", "remove", "--label", "canary")
        assert "canary" not in labels(stage)


def test_the_console_sees_what_az_did_to_revisions(tmp_path: Path) -> None:
    with staged("bad-image", tmp_path) as stage:
        stage.az("revision", "deactivate", "--revision", V41)
        until(lambda: versions(stage)[V41], lambda one: not one["active"])
        stage.az("revision", "activate", "--revision", V41)
        until(lambda: versions(stage)[V41], lambda one: one["condition"] == "ready")
        image = "pharmabot.azurecr.io/pharmabot:1.5.1"
        stage.az("update", "--image", image, "--revision-suffix", "v43")
        assert agreed(stage)["pharmabot--v43"] == (True, 0, image)
        stage.az("update", "--set-env-vars", "PROMPT_CACHE_TTL_S=5", "--revision-suffix", "v44")
        assert agreed(stage)["pharmabot--v44"] == (True, 0, image)


def test_az_sees_what_the_console_did_and_the_console_what_az_did_then(tmp_path: Path) -> None:
    with staged("bad-image", tmp_path) as stage:
        assert stage.console("rollback", "--to", "v41", "--confirm-target", "pharmabot")["outcome"] == "verified"
        shown = {one["revisionName"]: one["weight"] for one in stage.az("ingress", "traffic", "show")}
        assert shown == {V41: 100, V42: 0}
        assert agreed(stage)[V41][1] == 100
        stage.az("ingress", "traffic", "set", "--revision-weight", f"{V41}=50", f"{V42}=50")
        assert {name: one[1] for name, one in agreed(stage).items()} == {V40: 0, V41: 50, V42: 50}
