"""A PostgreSQL server for the SQL of the runbooks."""

from __future__ import annotations

from tests.stores.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]
