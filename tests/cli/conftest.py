"""Stages for the command line's tests: one that is only looked at, and one for each test that writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.rehearsal import Rehearsal, rehearsal

Staged = Callable[..., Rehearsal]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A bad image that serves; for tests that change nothing."""
    with rehearsal(tmp_path_factory.mktemp("watched")) as stage:
        yield stage


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[Staged]:
    """Opens stages of this test's own."""
    with ExitStack() as stages:
        yield lambda scenario="bad-image", speed=50: stages.enter_context(rehearsal(tmp_path, scenario, speed))
