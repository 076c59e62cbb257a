"""What a statement may cost: only what surely drops nothing is slow; whatever else there is, is lossy or barred."""

from __future__ import annotations

import pytest

from console.domain.sql_script import Effect, judge, read, split

KEEPS = [
    "CREATE TABLE a (id int)",
    "CREATE UNIQUE INDEX x ON a (id)",
    "ALTER TABLE orders ADD COLUMN price numeric(10, 2) NOT NULL DEFAULT 0",
    "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (buyer) REFERENCES people (id)",
    "CREATE INDEX IF NOT EXISTS x ON public.orders USING btree (buyer, at DESC)",
    "ALTER TABLE a ADD COLUMN b int",
    'ALTER TABLE "A b" RENAME COLUMN c TO d',
    "ALTER TABLE a RENAME TO b",
    "ALTER INDEX a RENAME TO b",
    "UPDATE alembic_version SET version_num = 'x' WHERE version_num = 'y; DROP TABLE z'",
    "INSERT INTO alembic_version (version_num) VALUES ('x')",
    "DELETE FROM public.alembic_version WHERE version_num = 'x'",
    "COMMENT ON TABLE a IS 'DROP TABLE a'",
]
LOSSY = [
    "create materialized view v as select 1",
    "ALTER TABLE ONLY public.a ADD CONSTRAINT c CHECK (b IN (1, 2)), ADD d int",
    """CREATE FUNCTION within(begin date, finish date) RETURNS boolean LANGUAGE sql AS $$ SELECT begin <= finish $$;
    DELETE FROM leaflets; UPDATE alembic_version SET version_num='7b03e5';""",
    'ALTER TABLE leaflets ADD COLUMN "dose (" text, DROP COLUMN medicine',
    "COMMENT ON TABLE leaflets IS E'a'\n'\\''; DELETE FROM leaflets; --'",
    "CREATE TRIGGER t AFTER UPDATE ON alembic_version EXECUTE FUNCTION wipe()",
    "UPDATE alembic_version SET version_num = wipe()",
    "CREATE TABLE x AS SELECT wipe()",
    "ALTER TABLE x ADD COLUMN y int DEFAULT wipe()",
    "/* /* */ DELETE FROM leaflets -- */ COMMENT ON x",
    "CREATE TABLE x (y int DEFAULT wipe())",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "DO $$ BEGIN DELETE FROM leaflets; END $$",
    "DROP TABLE a",
    "TRUNCATE a",
    "DELETE FROM a",
    "UPDATE a SET b = 1",
    "INSERT INTO a VALUES (1)",
    "ALTER TABLE a DROP COLUMN b",
    "ALTER TABLE a ADD b int, DROP c",
    "ALTER TABLE a ALTER b TYPE int",
    "ALTER TABLE a ALTER COLUMN b SET NOT NULL",
    "ALTER TYPE t DROP ATTRIBUTE rename",
    "CREATE OR REPLACE VIEW v AS SELECT 1",
    "DO $$ BEGIN DROP TABLE a; END $$",
    "SELECT setval('s', 1)",
    "UPDATE alembic_version_other SET a = 1",
    "INSERT INTO alembic_version WITH x AS (DELETE FROM a RETURNING 1) SELECT 1",
    "WITH x AS (DELETE FROM a RETURNING 1) SELECT 1",
    "GRANT ALL ON a TO b",
    "MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE",
    "SET search_path = elsewhere",
    "/* CREATE TABLE a (b int) */ DROP TABLE a",
    "-- ADD\nDROP TABLE a",
]
BARRED = [
    "CREATE INDEX CONCURRENTLY x ON a (b)",
    "DROP INDEX CONCURRENTLY x",
    "ALTER TABLE a DETACH PARTITION b CONCURRENTLY",
    "VACUUM a",
    "DROP DATABASE a",
    "ALTER SYSTEM SET a = 1",
    "ROLLBACK",
    "SAVEPOINT a",
    "COMMIT AND CHAIN",
    "BEGIN ISOLATION LEVEL SERIALIZABLE",
    "SET LOCAL lock_timeout = 0",
    "SET statement_timeout TO DEFAULT",
    "SELECT set_config('lock_timeout', '0', false)",
    "RESET ALL",
    "DISCARD ALL",
    "COPY a FROM stdin",
]


@pytest.mark.parametrize("text", KEEPS)
def test_nothing_is_dropped_by_it(text: str) -> None:
    assert read(text).drops_nothing


@pytest.mark.parametrize("text", LOSSY)
def test_it_may_lose_data(text: str) -> None:
    script = read(text)
    assert script.lossy
    assert not script.drops_nothing


@pytest.mark.parametrize("text", BARRED)
def test_it_is_not_run_at_all(text: str) -> None:
    assert read(text).barred


@pytest.mark.parametrize("text", ["BEGIN", "COMMIT", "start transaction", "END", "BEGIN TRANSACTION"])
def test_the_scripts_own_frame_is_left_out(text: str) -> None:
    script = read(f"{text}; CREATE TABLE a (b int);")
    assert [one.text for one in script.statements] == ["CREATE TABLE a (b int)"]
    assert script.framed


@pytest.mark.parametrize(
    "text",
    ["SELECT 'a", 'SELECT "a', "SELECT $$ a", "SELECT $x$ a $y$", "/* a", "/* a /* b */", "\\connect other"],
)
def test_what_cannot_be_split_is_not_run(text: str) -> None:
    script = read(text)
    assert script.statements == ()
    assert len(script.barred) == 1


def test_semicolons_in_strings_names_comments_and_bodies_separate_nothing() -> None:
    text = """
        SELECT 'a;''b;', E'c\\';', "d;e" -- f;
        ; SELECT $$ g; $$, $tag$ h; $$ ; $tag$ /* i; /* j; */ ; */;
        CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = CASE WHEN 1 THEN 2 END; DELETE FROM d; END;
        SELECT 1
    """
    assert len(split(text)) == 4


def test_a_column_named_end_or_begin_opens_and_closes_nothing() -> None:
    assert len(split("SELECT begin, case when a then b end FROM t; SELECT 2;")) == 2


def test_another_version_table_may_be_written_where_it_is_the_configured_one() -> None:
    text = "UPDATE schema_history SET version = 3"
    assert read(text).lossy
    assert read(text, "app.schema_history").drops_nothing


def test_the_tables_that_it_names_are_known() -> None:
    script = read('ALTER TABLE public.leaflets ADD a int; DROP TABLE IF EXISTS "Old"; CREATE INDEX i ON docs (a)')
    assert script.tables == ("public.leaflets", "old", "docs")


def test_a_judgement_says_why_it_is_barred() -> None:
    (one,) = split("VACUUM a")
    assert judge(one) == (Effect.BARRED, "it cannot run in a transaction")
