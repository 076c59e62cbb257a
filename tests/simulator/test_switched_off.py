"""The demo's own kill switch: a file beside the stores, which the service looks for at every chat."""

from __future__ import annotations

from pathlib import Path

from console.simulator.stores.furnish import CHAT_OFF
from console.simulator.wire import Door, Request
from tests.simulator.staging import staged

HEALTH = Request("GET", "http://service.test/health/ready", door=Door.SERVICE)


async def test_while_its_file_is_there_the_chat_refuses_politely_and_the_service_lives(tmp_path: Path) -> None:
    with staged("bad-prompt", tmp_path) as stage:
        switch = stage.stores.folder / CHAT_OFF
        assert (await stage.chat()).status == 200
        switch.touch()
        answer = await stage.chat()
        assert answer.status == 503
        assert "switched off" in answer.json()["error"]
        assert (await stage.stage.exchange(HEALTH)).status == 200
        switch.unlink()
        assert (await stage.chat()).status == 200


def test_a_stage_that_begins_anew_is_switched_on(tmp_path: Path) -> None:
    with staged("healthy", tmp_path) as stage:
        (stage.stores.folder / CHAT_OFF).touch()
    with staged("healthy", tmp_path) as stage:
        assert not (stage.stores.folder / CHAT_OFF).exists()
