"""What is printed to do by hand leaves the same world as the console's own run: two stages, one az, one console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from console.exits import Exit
from tests.az.second_client import V41, V42, WITH_AZ, Stage, staged, until

pytestmark = WITH_AZ

PROPOSED = [
    "bad-image",
    "slow-start",
    "purged-target",
    "single-mode",
    "labels",
    "labels-mode",
    "scaled-to-zero",
    "mutable-tag",
    "dead-entries",
]
OTHERWISE = [("small-target", "stepped"), ("single-mode", "switch-mode")]
SURE = ("--confirm-target", "pharmabot")


@contextmanager
def two(scenario: str, folder: Path) -> Iterator[tuple[Stage, Stage]]:
    """Two stages with the same scenario."""
    with ExitStack() as opened:
        yield tuple(opened.enter_context(staged(scenario, folder / name)) for name in ("ours", "theirs"))


def goal(scenario: str) -> tuple[str, ...]:
    return () if scenario == "purged-target" else ("--to", "v41")


@pytest.mark.parametrize("scenario", PROPOSED)
def test_what_a_plan_prints_does_what_the_plan_does(scenario: str, tmp_path: Path) -> None:
    with two(scenario, tmp_path) as (ours, theirs):
        run = ours.console("rollback", *goal(scenario), *SURE)
        assert run["outcome"] == "verified", run["note"]
        theirs.by_hand(theirs.console("plan", *goal(scenario))["by_hand"])
        assert theirs.settled() == ours.settled()


@pytest.mark.parametrize(("scenario", "way"), OTHERWISE)
def test_what_each_step_of_another_way_prints_does_what_the_step_does(
    scenario: str, way: str, tmp_path: Path
) -> None:
    with two(scenario, tmp_path) as (ours, theirs):
        run = ours.console("rollback", *goal(scenario), "--way", way, *SURE)
        assert run["outcome"] == "verified", run["note"]
        for step in run["steps"]:
            theirs.by_hand(step["command"])
            theirs.settled()
        assert theirs.settled() == ours.settled()


@pytest.mark.parametrize(
    ("scenario", "deed"),
    [("small-target", ("rollback", "--deactivate", V41, *SURE)), ("healthy", ("unpin", "--yes"))],
)
def test_other_deeds_can_be_done_by_hand_as_well(scenario: str, deed: tuple[str, ...], tmp_path: Path) -> None:
    with two(scenario, tmp_path) as (ours, theirs):
        before = ours.settled()
        run = ours.console(*deed)
        for step in run["steps"]:
            theirs.by_hand(step["command"])
        after = until(ours.settled, lambda app: app != before)
        assert until(theirs.settled, lambda app: app == after)


def test_az_itself_cannot_shift_an_array_that_names_a_revision_that_is_gone(tmp_path: Path) -> None:
    # az keeps every entry that it is not told about, and cannot be told about one that does not exist
    with staged("dead-entries", tmp_path) as stage:
        before = stage.state()["traffic"]
        with pytest.raises(AssertionError, match="pharmabot--v38"):
            stage.az("ingress", "traffic", "set", "--revision-weight", f"{V41}=100", f"{V42}=0", "pharmabot--v40=0")
        with pytest.raises(AssertionError, match="not a valid revision name"):
            stage.az("ingress", "traffic", "set", "--revision-weight", f"{V41}=100", "pharmabot--v38=0")
        assert stage.state()["traffic"] == before
        # The console drops it
        assert stage.console("rollback", "--to", "v41", *SURE)["outcome"] == "verified"
        assert "pharmabot--v38" not in str(stage.state()["traffic"])


def test_a_plan_that_is_refused_writes_nothing(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        before = stage.settled()
        stage.console("plan", "--to", "v40", ends=(Exit.DONE, Exit.REFUSED))
        assert stage.settled() == before
