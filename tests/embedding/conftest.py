"""A real PostgreSQL with pgvector, a database of its own for each test; and the same registry in SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.embedding.shelf import Shelf
from tests.stores.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture
def pgvector(postgres_url: str) -> str:
    """The address of an empty database with the extension."""
    address = postgres_url.replace("postgresql://", "postgresql+psycopg://", 1)
    made = create_engine(address)
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION vector")
    made.dispose()
    return address


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
