"""A stage that is only looked at, and the words that make `init` look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.rehearsal import Rehearsal, Told, call, rehearsal

Init = Callable[..., Told]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path_factory.mktemp("stage"), speed=1) as found:
        yield found


@pytest.fixture
def init(stage: Rehearsal) -> Init:
    """`init` against the stage, as whoever `token` is."""

    def run(*arguments: str, token: str = "rehearsal") -> Told:
        at = stage.addresses
        revisions = f"{at['app']}/-/revisions/{{revision}}"
        where = ("--endpoint", at["arm"], "--credential", "rehearsal", "--rehearsal-token", token)
        service = ("--probe-url", at["app"], "--revision-url", revisions)
        return call("init", *where, *service, "--subscription", at["subscription"], *arguments)

    return run


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the repository's, and no az, stands in the way."""
    monkeypatch.chdir(tmp_path)
    for name in ("AZURE_SUBSCRIPTION_ID", "AZURE_CONFIG_DIR", "AZURE_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
