"""Prompts in a database: read whole without their texts, and turned in one transaction or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.domain.failure import Failure, FailureKind
from console.domain.prompt import Prompt
from console.stores.prompts import Activation, digest_of
from tests.stores.stocked import TEXTS, Base, reader, settings, sqlite, stocked, writer

MODES = ("flag", "pointer", "sql")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return sqlite(tmp_path) if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


def activation(goal: str = "6", expects: tuple[str, ...] = ("7",), text: str | None = None) -> Activation:
    shown = text if text is not None else TEXTS["drug_info", int(goal)]
    return Activation("drug_info", (), expects, goal, digest_of(shown))


async def prompt(base: Base, mode: str = "flag", **more: object) -> Prompt:
    found = await reader(base, mode, **more).read()
    return next(one for one in found.prompts if one.name == "drug_info")


@pytest.mark.parametrize("mode", MODES)
async def test_every_version_is_read_and_which_is_active(url: str, mode: str) -> None:
    base = stocked(url, mode)
    found = await reader(base, mode).read()
    assert [(one.name, one.active, [version.version for version in one.versions]) for one in found.prompts] == [
        ("drug_info", ("7",), ["7", "6", "5"]),
        ("triage", ("3",), ["3"]),
    ]
    newest = found.prompts[0].versions[0]
    assert newest.created == datetime(2026, 11, 21, 2, 50, tzinfo=UTC)
    assert newest.by == ("" if mode == "sql" else "ann")
    assert found.prompts[0].trouble == found.prompts[0].odd == ""


@pytest.mark.parametrize("mode", MODES)
async def test_the_text_of_one_version_is_read_alone(url: str, mode: str) -> None:
    base = stocked(url, mode)
    assert await reader(base, mode).content("drug_info", (), "6") == TEXTS["drug_info", 6]
    assert await reader(base, mode).content("drug_info", (), "99") is None


@pytest.mark.parametrize("mode", MODES)
async def test_a_flip_makes_exactly_the_goal_active(url: str, mode: str) -> None:
    base = stocked(url, mode)
    await writer(base, mode).activate(activation())
    assert (await prompt(base, mode)).active == ("6",)
    found = await reader(base, mode).read()
    assert next(one.active for one in found.prompts if one.name == "triage") == ("3",)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (activation(expects=("5",)), "drug_info moved meanwhile: active is 7"),
        (activation(text="another text"), "the text of version 6 of drug_info is not the one that was shown"),
        (Activation("drug_info", (), ("7",), "99", ""), "version 99 of drug_info does not exist any more"),
        (Activation("nobody", (), ("7",), "6", ""), "nobody moved meanwhile: active is none"),
    ],
)
async def test_what_moved_meanwhile_changes_nothing(url: str, mode: str, wanted: Activation, why: str) -> None:
    base = stocked(url, mode)
    with pytest.raises(Failure, match=why) as raised:
        await writer(base, mode).activate(wanted)
    assert raised.value.kind is FailureKind.CONFLICT
    assert raised.value.sentence.endswith("nothing was changed")
    assert (await prompt(base, mode)).active == ("7",)


async def test_an_activation_is_dated_where_the_table_keeps_that(url: str) -> None:
    base = stocked(url)
    base.run("ALTER TABLE system_prompts ADD COLUMN activated_at {moment}")
    base.run("UPDATE system_prompts SET activated_at = '2026-10-02 08:00:00+00:00' WHERE version = 6")
    base.run("UPDATE system_prompts SET activated_at = '2026-11-21 03:00:00+00:00' WHERE version = 7")
    before = await prompt(base)
    assert (before.since, before.was, before.source) == (datetime(2026, 11, 21, 3, tzinfo=UTC), "6", "the table")
    await writer(base).activate(activation())
    after = await prompt(base)
    assert after.was == "7"
    assert after.since is not None
    assert abs((datetime.now(UTC) - after.since).total_seconds()) < 60


async def test_several_active_versions_and_none_are_shown_as_what_they_are(url: str) -> None:
    base = stocked(url)
    base.run("DROP INDEX one_active")
    base.run("UPDATE system_prompts SET is_active = (1 = 1) WHERE version = 6")
    assert (await prompt(base)).trouble == "2 versions are active: 7, 6"
    await writer(base).activate(activation(expects=("6", "7")))
    assert (await prompt(base)).active == ("6",)
    base.run("UPDATE system_prompts SET is_active = (1 = 0)")
    assert (await prompt(base)).trouble == "no version is active"
    await writer(base).activate(activation("5", expects=()))
    assert (await prompt(base)).active == ("5",)


async def test_a_pointer_to_nothing_is_shown_and_can_be_turned(url: str) -> None:
    base = stocked(url, "pointer")
    base.run("UPDATE active_prompts SET version = 9 WHERE name = 'drug_info'")
    base.run("DELETE FROM active_prompts WHERE name = 'triage'")
    assert (await prompt(base, "pointer")).trouble == "version 9 is active and does not exist"
    found = await reader(base, "pointer").read()
    assert found.prompts[1].trouble == "no version is active"
    await writer(base, "pointer").activate(activation(expects=("9",)))
    assert (await prompt(base, "pointer")).active == ("6",)


async def test_a_missing_column_is_named_with_the_key_that_maps_it(url: str) -> None:
    base = stocked(url)
    with pytest.raises(Failure, match=r"no column activ: prompt.columns.is_active .*; it has is_active"):
        await reader(base, columns={"is_active": "activ"}).read()
    with pytest.raises(Failure, match=r"no column tenant: prompt\.scope says"):
        await reader(base, scope=["tenant"]).read()
    with pytest.raises(Failure, match="nowhere") as raised:
        await reader(base, table="nowhere").read()
    assert raised.value.kind is FailureKind.NOT_FOUND


async def test_other_names_and_scopes_are_left_alone(url: str) -> None:
    base = Base(url)
    base.run(
        'CREATE TABLE "Prompts Of All" '
        '("Name" TEXT, "Rev" TEXT, "Text" TEXT, "On" INTEGER, made {moment}, tenant INTEGER)'
    )
    query = 'INSERT INTO "Prompts Of All" VALUES (?, ?, ?, ?, ?, ?)'
    base.run(
        query,
        *(
            ("a", f"r{n}", f"text {n}", int(n == 2), f"2026-01-0{n} 00:00:00+00:00", t)
            for n in (1, 2)
            for t in (1, 2)
        ),
    )
    mapped = {
        "table": "Prompts Of All",
        "scope": ["tenant"],
        "columns": {"name": "Name", "version": "Rev", "content": "Text", "is_active": "On", "created_at": "made"},
    }
    found = await reader(base, **mapped).read()
    assert [(one.item, one.active) for one in found.prompts] == [("a (tenant=1)", ("r2",)), ("a (tenant=2)", ("r2",))]
    assert found.words == ("1", "0")
    wanted = Activation("a", (("tenant", "2"),), ("r2",), "r1", digest_of("text 1"))
    await writer(base, **mapped).activate(wanted)
    found = await reader(base, **mapped).read()
    assert [one.active for one in found.prompts] == [("r2",), ("r1",)]


async def test_statements_of_the_team_that_turn_too_much_are_taken_back(url: str) -> None:
    base = stocked(url, "sql")
    for activate, why in (
        ("UPDATE system_prompts SET is_active = (1 = 0) WHERE name = :name", "active version .* would be none"),
        ("UPDATE system_prompts SET is_active = (version = :version)", "would turn triage too"),
    ):
        broad = {"versions": settings(base, "sql").sql.versions, "content": settings(base, "sql").sql.content}
        base.run("DROP INDEX IF EXISTS one_active")
        with pytest.raises(Failure, match=why):
            await writer(base, "sql", sql={**broad, "activate": activate}).activate(activation())
        assert base.active() == [7]
        assert base.active("triage") == [3]


async def test_a_parameter_that_nobody_gives_is_named(url: str) -> None:
    base = stocked(url, "sql")
    sql = settings(base, "sql").sql
    assert sql is not None
    wrong = {"versions": sql.versions, "content": sql.content, "activate": "UPDATE system_prompts SET name = :who"}
    with pytest.raises(Failure, match=r"prompt\.sql\.activate wants :who; it may have :name"):
        await writer(base, "sql", sql=wrong).activate(activation())


async def test_hostile_names_are_shown_harmless_and_never_written(url: str) -> None:
    base = stocked(url)
    hostile = "evil\x1b[2J[/bold]\u202e"
    query = "INSERT INTO system_prompts VALUES (?, ?, ?, ?, ?, ?)"
    base.run(query, (hostile, 1, "x", True, "2026-01-01 00:00:00+00:00", "\x07bob"))
    found = await reader(base).read()
    one = next(one for one in found.prompts if one.name.startswith("evil"))
    assert one.name == "evil\\x1b[2J[/bold]\\u202e"
    assert one.versions[0].by == "\\x07bob"
    assert one.odd == "a name or version of it is empty, or holds characters that do not show"


async def test_flags_that_are_words_are_read_and_not_written(url: str) -> None:
    base = Base(url)
    base.run(
        "CREATE TABLE system_prompts (name TEXT, version INTEGER, content TEXT, is_active TEXT, created_at {moment})"
    )
    rows = (
        ("drug_info", n, TEXTS["drug_info", n], "t" if n == 7 else "f", "2026-01-01 00:00:00+00:00") for n in (6, 7)
    )
    base.run("INSERT INTO system_prompts VALUES (?, ?, ?, ?, ?)", *rows)
    assert (await prompt(base)).active == ("7",)
    with pytest.raises(Failure, match=r'prompt\.mode = "sql"'):
        await writer(base).activate(activation())
