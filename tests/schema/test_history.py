"""A history from Alembic's lines, from its scripts, and from a query; and how far back it leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from console.clock import SystemClock
from console.domain.migrations import from_lines, from_script
from console.domain.schema import Migration, SchemaState
from console.layers.layer import Tools
from console.layers.schema import LAYER
from tests.schema.migrating import CREATED, DROPPED, NOW, RENAMED, migrations, opened, run, settings, upgrade

HISTORY = """\
77aa00 -> 9b0000 (head), a merge (of sorts)
4f2a91 -> 77aa00 (branchpoint) (effective head), drop note
8c1d02 -> 4f2a91, rename dosage
<base> -> 8c1d02, create leaflets
a1, a2 -> a3 (mergepoint), merged
INFO something else
"""


def test_the_lines_of_alembic_history_are_read() -> None:
    found = from_lines(HISTORY)
    assert [(one.revision, one.down, one.title) for one in found] == [
        ("9b0000", "77aa00", "a merge (of sorts)"),
        ("77aa00", "4f2a91", "drop note"),
        ("4f2a91", "8c1d02", "rename dosage"),
        ("8c1d02", None, "create leaflets"),
        ("a3", None, "merged"),
    ]


def script(up: str) -> str:
    return f"""
revision: str = "b"
down_revision: str | None = "a"
def upgrade() -> None:
    {up}
"""


@pytest.mark.parametrize(
    ("up", "drops"),
    [
        ('op.add_column("a", sa.Column("b", sa.Text))', False),
        ('op.create_table("a")', False),
        ('op.drop_index("a")', False),
        ('op.alter_column("a", "b", new_column_name="c")', False),
        ('op.alter_column("a", "b", type_=sa.Integer)', None),
        ('op.alter_column("a", "b", nullable=False)', None),
        ('op.drop_column("a", "b")', True),
        ('op.drop_table("a")', True),
        ('op.execute("DELETE FROM a")', True),
        ('op.execute("ALTER TABLE a DROP COLUMN b")', True),
        ('op.execute("UPDATE a SET b = 1")', None),
        ("op.execute(something)", None),
        ("op.bulk_insert(a, [])", None),
        ('with op.batch_alter_table("a") as batch_op:\n        batch_op.drop_column("b")', True),
        ("pass", False),
    ],
)
def test_what_a_migration_drops_is_told_or_not_known(up: str, drops: bool | None) -> None:
    found = from_script(script(up))
    assert found is not None
    assert (found.revision, found.down, found.drops) == ("b", "a", drops)


@pytest.mark.parametrize("text", ["", "def", "x = 1", "revision = None", "\x00"])
def test_what_is_no_migration_is_passed_over(text: str) -> None:
    assert from_script(text) is None


def state(*migrations: Migration, heads: tuple[str, ...] = (DROPPED,)) -> SchemaState:
    return SchemaState("db", heads, migrations)


def test_the_way_down_is_known_only_where_the_history_leads_there() -> None:
    three = (Migration(DROPPED, RENAMED), Migration(RENAMED, CREATED), Migration(CREATED))
    assert [one.revision for one in state(*three).above(CREATED) or ()] == [DROPPED, RENAMED]
    assert state(*three).above(DROPPED) == ()
    assert state(*three).above("ffff") is None
    assert state(Migration(DROPPED, DROPPED)).above(CREATED) is None
    assert state().above(CREATED) is None


async def test_the_scripts_folder_tells_titles_and_what_was_dropped(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    upgrade(migrations(tmp_path), url, DROPPED)
    door = opened(settings(tmp_path, url="env:DB", scripts="migrations/versions"), {"DB": url})
    found = await door.observe(None)
    assert (found.head, found.before) == (DROPPED, RENAMED)
    assert {one.revision: (one.title, one.drops) for one in found.migrations} == {
        CREATED: ("create leaflets", False),
        RENAMED: ("rename dosage", False),
        DROPPED: ("drop note", True),
    }


async def test_a_query_tells_the_history_and_when_the_head_was_reached(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    run(
        url,
        "CREATE TABLE alembic_version (version_num text)",
        "CREATE TABLE log (a text, b text, c text, d text)",
        f"INSERT INTO alembic_version VALUES ('{RENAMED}')",
        f"INSERT INTO log VALUES ('{RENAMED}', '{CREATED}', 'rename', '2026-11-21T03:05:00Z')",
    )
    door = opened(settings(tmp_path, url="env:DB", history="SELECT * FROM log"), {"DB": url})
    found = await door.observe(None)
    assert found.migrations[0].down == CREATED
    assert found.changed_at == datetime(2026, 11, 21, 3, 5, tzinfo=UTC)


async def test_a_command_tells_the_history_and_its_failure_is_said_not_raised(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    upgrade(migrations(tmp_path), url, RENAMED)
    (tmp_path / "history.txt").write_text(HISTORY)
    door = opened(settings(tmp_path, url="env:DB", history="cat history.txt"), {"DB": url})
    assert (await door.observe(None)).before == CREATED
    door = opened(settings(tmp_path, url="env:DB", history="cat nothing.txt"), {"DB": url})
    found = await door.observe(None)
    assert found.heads == (RENAMED,)
    assert "the history: “cat nothing.txt” ended with 1" in found.unread


async def test_a_head_that_the_history_does_not_know_has_it_read_again_but_not_at_every_look(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    upgrade(migrations(tmp_path), url, RENAMED)
    (tmp_path / "history.sh").write_text("echo asked >> asked.txt; cat history.txt")
    (tmp_path / "history.txt").write_text("")
    clock = Ticking()
    target = settings(tmp_path, url="env:DB", history="sh history.sh")
    nothing = cast(Any, None)
    door = LAYER.open(Tools("bot", target, clock, nothing, None, {"DB": url}, False, nothing))
    assert (await door.observe(None)).migrations == ()
    (tmp_path / "history.txt").write_text(HISTORY)
    assert (await door.observe(None)).migrations == ()
    clock.at += timedelta(minutes=2)
    assert (await door.observe(None)).before == CREATED
    clock.at += timedelta(minutes=2)
    await door.observe(None)
    assert (tmp_path / "asked.txt").read_text() == "asked\nasked\n"


class Ticking(SystemClock):
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at
