"""The kill switch without a screen: the same plan and run, and not a word to Azure."""

from __future__ import annotations

import re
import time
from pathlib import Path

from console.exits import Exit
from tests.cli.conftest import Staged

WORDS = ("--deed", "switch-off")


def test_it_is_switched_off_once_and_nothing_is_written_to_azure(staged: Staged) -> None:
    stage = staged("bad-prompt")
    before = stage.writes()
    planned = stage.call("plan", *WORDS, "--json").json
    assert (planned["deed"], planned["layer"]) == ("switch off", "feature")
    told = stage.cli("rollback", *WORDS, "--yes", "--json")
    assert told.code == Exit.DONE, told.err
    assert told.json["outcome"] == "verified"
    again = stage.cli("rollback", *WORDS, "--yes")
    assert again.code == Exit.REFUSED
    assert "the chat is off already" in again.err
    assert stage.writes() == before


def test_it_works_where_azure_does_not_answer(staged: Staged) -> None:
    stage = staged("bad-prompt")
    text = stage.config.read_text()
    stage.config.write_text(re.sub(r'endpoint = "[^"]+"', 'endpoint = "http://127.0.0.1:9"', text))
    began = time.monotonic()
    told = stage.cli("rollback", *WORDS, "--yes", "--json")
    assert told.code == Exit.DONE, told.err
    assert told.json["outcome"] == "verified"
    assert time.monotonic() - began < 60


def test_where_none_is_configured_it_says_which_key_is_missing(staged: Staged) -> None:
    stage = staged("bad-prompt")
    stage.edit("[targets.pharmabot.kill_switch]", "[targets.pharmabot.bypass]")
    stage.config.write_text(re.sub(r'^(title|check) = ".*"$', "", stage.config.read_text(), flags=re.M))
    told = stage.call("plan", *WORDS)
    assert told.code == Exit.REFUSED
    assert "kill_switch.command" in told.err


def test_a_switch_that_cannot_be_split_is_a_mistake_with_its_line(staged: Staged, tmp_path: Path) -> None:
    stage = staged("bad-prompt")
    stage.config.write_text(
        re.sub(r'^command = ".*"$', 'command = "./flags \'off"', stage.config.read_text(), flags=re.M)
    )
    told = stage.call("plan", *WORDS)
    assert told.code == Exit.USAGE
    assert re.search(r"line \d+: targets.pharmabot.kill_switch.command: this cannot be split", told.err)
