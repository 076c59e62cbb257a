"""The real Prometheus, where it is installed: what it answers is what the source reads."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from console.domain.signal import SignalState
from tests.signals.test_sources import read, watched

PROGRAM = shutil.which("prometheus")
CONFIG = """
global: { scrape_interval: 100ms }
scrape_configs:
  - job_name: itself
    static_configs: [{ targets: ["127.0.0.1:PORT"] }]
"""


@pytest.fixture
async def prometheus(tmp_path: Path) -> AsyncIterator[str]:
    """Its base address, once it has scraped itself."""
    if PROGRAM is None:
        pytest.skip("prometheus is not installed here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "prometheus.yml"
    config.write_text(CONFIG.replace("PORT", str(port)))
    command = [PROGRAM, f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    listening = f"--web.listen-address=127.0.0.1:{port}"
    process = subprocess.Popen(
        [*command, listening], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    try:
        async with asyncio.timeout(20):
            await _scraped(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


async def _scraped(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        while True:
            try:
                answer = await http.get(f"{url}/api/v1/query", params={"query": "up == 1"})
                if answer.status_code == 200 and answer.json()["data"]["result"]:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.05)


async def test_what_the_real_prometheus_says(prometheus: str) -> None:
    async def asked(query: str) -> tuple[SignalState, str]:
        reading = await read(watched({"source": "prometheus", "url": prometheus, "query": query}, {"above": 5}))
        return reading.state, reading.detail

    assert await asked("sum(up)") == (SignalState.OK, "")
    assert await asked("6 * sum(up)") == (SignalState.BREACHED, "")
    assert await asked("scalar(sum(up))") == (SignalState.OK, "")
    assert await asked("absent_metric") == (SignalState.NO_DATA, "the query gives no series")
    assert await asked("sum(up) / 0 * 0") == (SignalState.NO_DATA, "the query gives NaN")
    assert (await asked("prometheus_http_requests_total"))[0] is SignalState.ERROR
    assert "make it give one" in (await asked('{__name__=~"prometheus_build.*|up"}'))[1]
    assert "parse error" in (await asked("sum("))[1]
    assert "gives a matrix" in (await asked("up[1m]"))[1]
