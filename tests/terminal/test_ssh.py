"""The demo over a real sshd on loopback, whose client is killed in the middle of a run."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.demo import COMMAND, environment, wait_for_outcome
from tests.terminal.terminal import Terminal

SSHD = shutil.which("sshd") or next((path for path in ("/usr/sbin/sshd",) if os.path.exists(path)), None)

pytestmark = pytest.mark.skipif(
    SSHD is None or shutil.which("ssh") is None or os.getuid() != 0, reason="sshd is not installed, or not root"
)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A throwaway sshd that lets in one throwaway key, from loopback."""
    for name in ("host", "client"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(command, check=True)
    (tmp_path / "authorized").write_text((tmp_path / "client.pub").read_text())
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        number = int(chosen.getsockname()[1])
    options = {
        "Port": number,
        "ListenAddress": "127.0.0.1",
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": tmp_path / "authorized",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "prohibit-password",
    }
    Path("/run/sshd").mkdir(exist_ok=True)
    settings = [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
    server = subprocess.Popen(
        [str(SSHD), "-D", "-e", "-f", "/dev/null", *settings], stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    for line in server.stderr:
        if "listening" in line:
            break
    yield number
    server.terminate()
    server.wait()


def test_a_killed_ssh_client_does_not_stop_the_run(port: int, tmp_path: Path) -> None:
    # Given the demo over ssh, and a run that has been sent
    surroundings = environment(tmp_path)
    remote = " ".join([*(f"{key}={value}" for key, value in surroundings.items()), *COMMAND, "demo --speed 2"])
    options = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR")
    login = f"{getpass.getuser()}@127.0.0.1"
    command = (
        "ssh",
        "-tt",
        "-F",
        "/dev/null",
        *options,
        "-i",
        str(tmp_path / "client"),
        "-p",
        str(port),
        login,
        remote,
    )
    terminal = Terminal(command, surroundings)
    try:
        terminal.wait_for("r code→v41", "breached")
        terminal.send(b"r")
        terminal.wait_for("y  go")
        terminal.send(b"y")
        terminal.wait_for("Rolling back", "InProgress")

        # When the client is killed
        terminal.kill(signal.SIGKILL)
        terminal.wait_exit()

        # Then the run goes on to its proof
        assert wait_for_outcome(tmp_path, surroundings)["outcome"] == "verified"
    finally:
        terminal.close()
