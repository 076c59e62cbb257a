"""Takes a push like git-receive-pack, and dies without a word once it was taken; one that is tried is well."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

taking = subprocess.Popen(["git-receive-pack", sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
assert taking.stdin is not None
assert taking.stdout is not None


sent = 0


def forward() -> None:
    """What the client sends."""
    global sent
    assert taking.stdin is not None
    while part := os.read(0, 65536):
        sent += len(part)
        taking.stdin.write(part)
        taking.stdin.flush()
    taking.stdin.close()


threading.Thread(target=forward, daemon=True).start()
advertised = b""
while not advertised.endswith(b"0000"):
    advertised += os.read(taking.stdout.fileno(), 65536)
os.write(1, advertised)
taking.stdout.read()
taking.wait()
os._exit(1 if sent > len(b"0000") else 0)
