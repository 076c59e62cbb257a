"""Azure's own bodies, as recorded, read by the look around. AZURE_WIRE names the folder of the recordings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.azure.survey import read_account, read_app, read_server

FOLDER = Path(os.environ.get("AZURE_WIRE") or "/nonexistent")
APPS, SERVERS = "microsoft.app/containerapps", "microsoft.dbforpostgresql/flexibleservers"
ACCOUNTS, DEPLOYMENTS = "microsoft.cognitiveservices/accounts", "microsoft.cognitiveservices/accounts/deployments"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="AZURE_WIRE names no folder of recordings")


def bodies(kind: str) -> list[dict[str, Any]]:
    """Every recorded resource of a kind, alone or in a list."""
    return [body for body in _all() if str(body.get("type", "")).lower() == kind and "properties" in body]


def _all() -> Iterator[dict[str, Any]]:
    for path in sorted(FOLDER.glob("*.json")):
        for exchange in json.loads(path.read_text()).get("exchanges", ()):
            body = exchange.get("response", {}).get("body")
            for one in body.get("value", [body]) if isinstance(body, dict) else ():
                if isinstance(one, dict):
                    yield one


def test_every_recorded_app_has_a_name_a_group_and_a_mode() -> None:
    read = [read_app(body) for body in bodies(APPS)]
    assert len(read) > 50
    assert all(app.name and app.group for app in read)
    assert {app.mode for app in read} <= {"Single", "Multiple", "Labels"}
    assert any(app.external and app.fqdn for app in read)


def test_every_recorded_server_has_a_name_and_a_group() -> None:
    read = [read_server(body) for body in bodies(SERVERS)]
    assert read
    assert all(server.name and server.group for server in read)
    assert any(server.fqdn.endswith(".postgres.database.azure.com") and server.version for server in read)


def test_every_recorded_account_has_an_endpoint_and_its_deployments_a_model() -> None:
    deployments = bodies(DEPLOYMENTS)
    read = [read_account(body, deployments) for body in bodies(ACCOUNTS)]
    assert read
    assert all(account.name and account.group and account.endpoint.startswith("https://") for account in read)
    assert "dpy: gpt-35-turbo 0613" in read[0].deployments
