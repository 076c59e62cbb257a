"""Azure's recorded bodies of servers and backups, as the schema layer reads them. AZURE_WIRE names their folder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from console.azure import postgres_shapes as shapes
from console.azure.postgres_actions import stamp
from console.domain.restore import window
from console.domain.schema import Server
from tests.wire.recordings import MISSING, Exchange, folder, load

pytestmark = pytest.mark.skipif(not folder().is_dir(), reason=MISSING)


def exchanges(name: str) -> tuple[Exchange, ...]:
    return next(one.exchanges for one in load("postgres") if one.name == name)


def servers(name: str) -> list[tuple[Server, datetime]]:
    read = (one for one in exchanges(name) if one.method == "GET" and len(one.tail) == 2 and one.status == 200)
    return [(shapes.server(one.body), one.at) for one in read]


def test_a_restored_server_is_another_one_with_an_address_of_its_own() -> None:
    found = {server.name: server for server, _ in servers("postgres-pitr-restore")}
    source, restored = found["azuredbclitest-000002"], found["azuredbclitest-000003"]
    assert (restored.state, source.state) == ("Ready", "Ready")
    assert restored.fqdn.partition(".")[2] == source.fqdn.partition(".")[2]
    assert restored.fqdn != source.fqdn
    assert source.private
    assert restored.network.keys() == source.network.keys()


def test_the_console_would_send_what_az_sent_for_a_restore() -> None:
    put: Any = next(one.sent for one in exchanges("postgres-pitr-restore") if one.method == "PUT")
    source = servers("postgres-pitr-restore")[0][0]
    sent = put["properties"]
    assert sent["sourceServerResourceId"] == source.resource_id
    assert sent["network"] == dict(source.network)
    assert stamp(datetime(2024, 7, 12, 3, 5, tzinfo=UTC)) == sent["pointInTimeUTC"]


def test_a_server_without_an_earliest_time_has_no_restore_point_yet() -> None:
    server, at = servers("postgres-on-demand-backup-2026")[0]
    assert server.earliest is None
    assert window(server, at).against(at) == f"{server.name} has no restore point yet"


def test_a_restore_point_of_just_now_is_no_window_yet() -> None:
    server, at = servers("postgres-pitr-restore")[1]
    assert server.earliest is not None
    assert window(server, at).earliest is None


def test_backups_are_told_newest_first_with_azures_own_words() -> None:
    lists = [one.body["value"] for one in exchanges("postgres-on-demand-backup-2026") if one.tail[-1] == "backups"]
    found = [[(one.kind, one.source) for one in shapes.backups(value)] for value in lists]
    assert found == [
        [("Full", "Automatic")],
        [("Customer On-Demand", "Customer Initiated"), ("Full", "Automatic")],
    ]
