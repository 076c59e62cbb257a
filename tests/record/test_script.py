"""The script by hand: current, complete, and never ahead of a revision that has to start first."""

from __future__ import annotations

import stat
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from console.domain.plan import Plan, Risk, StepRecord
from console.record.script import Script

NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
ACTIVATE = "az containerapp revision activate -n app -g group \\\n  --subscription s \\\n  --revision app--v41"
SHIFT = (
    "az containerapp ingress traffic set -n app -g group \\\n  --subscription s \\\n  --revision-weight app--v41=100"
)
PLAN = Plan(
    "pharmabot",
    "rehearsal",
    "code",
    "app",
    ("app--v42",),
    "app--v41",
    "marked",
    "marked good",
    (
        StepRecord("ready_revision", "activate v41", ACTIVATE, Risk.REVERSIBLE, True, {}),
        StepRecord("shift_traffic", "traffic", SHIFT, Risk.REVERSIBLE, True, {}),
    ),
    title="Roll back code → v41",
    by_hand=f"{ACTIVATE}\n{SHIFT}",
)


def test_it_waits_until_an_activated_revision_runs_before_it_moves_the_traffic(tmp_path: Path) -> None:
    # Given an az that says Activating twice, and then Running
    (tmp_path / "az").write_text(
        '#!/bin/sh\necho "$*" >> calls\ncase "$*" in *show*)\n  n=$(grep -c show calls)\n'
        '  [ "$n" -ge 3 ] && echo Running || echo Activating;;\nesac\n'
    )
    (tmp_path / "sleep").write_text("#!/bin/sh\n")
    for name in ("az", "sleep"):
        (tmp_path / name).chmod(0o755)
    script = Script("pharmabot", [tmp_path])
    script.keep(PLAN, "", "", NOW)
    assert script.path is not None

    # When it is run
    subprocess.run([str(script.path)], cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)

    # Then the traffic moved last, after three looks
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [call.split()[2] for call in calls] == [
        "activate",
        "show",
        "show",
        "show",
        "traffic",
    ]


def test_it_is_its_owner_s_alone_and_is_rewritten_only_when_it_would_do_something_else(tmp_path: Path) -> None:
    script = Script("pharmabot", [tmp_path])
    script.keep(PLAN, "", "", NOW)
    assert script.path is not None
    first = script.path.stat()
    assert stat.S_IMODE(first.st_mode) == 0o700

    script.keep(PLAN, "", "", NOW.replace(hour=4))
    assert script.path.stat().st_ino == first.st_ino

    script.keep(replace(PLAN, steps=PLAN.steps[1:]), "", "", NOW)
    assert script.path.stat().st_ino != first.st_ino
    assert "activate" not in script.path.read_text()


def test_without_anything_to_go_back_to_it_says_so_and_fails(tmp_path: Path) -> None:
    script = Script("pharmabot", [tmp_path])
    script.keep(None, "v42 is the only revision that exists", "./gateway off", NOW)

    ran = subprocess.run([str(script.path)], capture_output=True, text=True, check=False)

    assert ran.returncode == 3
    assert "only revision" in ran.stderr
    assert "# ./gateway off" in (script.path.read_text() if script.path else "")


def test_a_folder_that_cannot_be_written_leaves_it_to_the_next(tmp_path: Path) -> None:
    script = Script("pharmabot", [tmp_path / "missing", tmp_path])
    script.keep(PLAN, "", "", NOW)

    assert script.path == tmp_path / "rollback-pharmabot.sh"
