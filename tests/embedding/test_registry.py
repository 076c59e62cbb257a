"""What is read of the registry and of the vectors' tables, on real SQLite and on real PostgreSQL with pgvector."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from console.domain.failure import Failure, FailureKind
from console.layers.embedding import LAYER
from tests.embedding.shelf import BUILT, DOCUMENTS, LARGE, SIZE, SMALL, Shelf, asks
from tests.engine.apps import app


async def test_the_registry_is_read_beside_what_its_tables_hold(shelf: Shelf) -> None:
    code = app(asks(41, SMALL), asks(42, LARGE))

    state = await shelf.door().observe(code)

    assert [one.name for one in state.indexes] == ["docs_v2", "docs_v1"]
    active = state.active
    assert active is not None
    assert (active.name, active.stamp) == ("docs_v1", f"{SMALL}, {SIZE}")
    assert (active.found_dimensions, active.found_rows, active.rewritten) == (SIZE, len(DOCUMENTS), 0)
    assert active.built_at == BUILT["docs_v1"]
    assert state.embedders == {"bot--v41": SMALL, "bot--v42": LARGE}
    assert state.serving == ("bot--v42",)


async def test_a_swap_of_the_same_dimensions_is_seen_by_the_stamp_alone(shelf: Shelf) -> None:
    shelf.activate("docs_v2")

    state = await shelf.door().observe(app(asks(41, SMALL)))

    assert state.mismatch == f"docs_v2 was built by {LARGE}, and {SMALL} asks it"
    assert LAYER.trouble(state, None) == state.mismatch
    assert {one.found_dimensions for one in state.indexes} == {SIZE}


async def test_two_actives_or_none_are_shown_as_what_they_are(shelf: Shelf) -> None:
    shelf.run("UPDATE embedding_indexes SET active = true")
    both = await shelf.door().observe(None)
    shelf.run("UPDATE embedding_indexes SET active = false")
    none = await shelf.door().observe(None)

    assert (both.active, both.mismatch) == (None, "2 indexes are active")
    assert (none.active, none.mismatch) == (None, "no index is active")
    assert LAYER.facets(both, None)[0].words == "docs_v1 + docs_v2"


async def test_rows_that_were_written_again_are_counted_and_added_ones_are_not(shelf: Shelf) -> None:
    later = BUILT["docs_v1"] + timedelta(days=1)
    shelf.add("docs_v1", SMALL, "aspirin", "aspirin, the new leaflet", later)
    added = (await shelf.door().observe(None)).find("docs_v1")
    shelf.run("UPDATE docs_v1 SET written_at = :at", at=shelf.moment(later))
    again = (await shelf.door().observe(None)).find("docs_v1")

    assert added is not None
    assert again is not None
    assert (added.rewritten, added.in_place) == (1, 0)
    assert (again.rewritten, again.in_place) == (len(DOCUMENTS) + 1, len(DOCUMENTS))


async def test_a_missing_table_or_column_is_a_sentence(shelf: Shelf) -> None:
    shelf.run("DROP TABLE docs_v2")
    shelf.run("ALTER TABLE docs_v1 RENAME COLUMN written_at TO at")

    state = await shelf.door().observe(None)

    assert [one.unread for one in state.indexes] == [
        "the table docs_v2 does not exist",
        "the table docs_v1 has no column written_at",
    ]
    assert "docs_v1: the table docs_v1 has no column written_at" in state.unread


async def test_a_registry_that_is_called_otherwise_says_which_keys_name_it(shelf: Shelf) -> None:
    shelf.changed["columns"] = {"built_at": "made_at"}
    with pytest.raises(Failure) as column:
        await shelf.door().observe(None)
    shelf.changed = {"registry": "indices"}
    with pytest.raises(Failure) as table:
        await shelf.door().observe(None)

    for raised in (column, table):
        assert raised.value.kind is FailureKind.NOT_FOUND
        assert "embedding.registry and embedding.columns say what they are called" in raised.value.sentence


async def test_an_index_whose_name_is_sql_is_only_a_name(shelf: Shelf) -> None:
    name = 'docs_v1; DROP TABLE docs_v1 --" \u202e%s:x'
    shelf.run("UPDATE embedding_indexes SET name = :name WHERE name = 'docs_v2'", name=name)

    state = await shelf.door().observe(None)

    assert state.find("docs_v1") is not None
    assert all("\u202e" not in one.name for one in state.indexes)
    assert "does not exist" in state.indexes[0].unread
    assert len(shelf.run("SELECT 1 FROM docs_v1")) == len(DOCUMENTS)


async def test_the_database_itself_rejects_other_dimensions(postgres_shelf: Shelf) -> None:
    with pytest.raises(DBAPIError, match=f"expected {SIZE} dimensions, not 3"):
        postgres_shelf.run("INSERT INTO docs_v1 VALUES ('x', '[1,2,3]', NULL, '')")


async def test_a_column_that_takes_any_dimensions_is_asked_for_a_row(postgres_shelf: Shelf) -> None:
    postgres_shelf.run("ALTER TABLE docs_v1 ALTER COLUMN embedding TYPE vector")
    postgres_shelf.run("UPDATE docs_v1 SET embedding = '[1,2,3]'")

    state = await postgres_shelf.door().observe(None)

    assert state.mismatch == f"docs_v1 says {SIZE} dimensions and holds 3"


async def test_a_large_table_is_estimated_and_said_to_be(
    postgres_shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.stores.vectors.LARGE", 3)
    postgres_shelf.run("ANALYZE docs_v1")

    state = await postgres_shelf.door().observe(None)

    active = state.find("docs_v1")
    assert active is not None
    assert (active.found_rows, active.estimated) == (len(DOCUMENTS), True)


async def test_recall_tells_whether_what_asks_understands_what_was_built(shelf: Shelf) -> None:
    door = shelf.door()

    fitting = await door.recall("docs_v1", SMALL)
    strange = await door.recall("docs_v2", SMALL)

    assert (fitting.words, strange.words) == ("4/4", "0/4")
    assert strange.missed == DOCUMENTS


async def test_a_question_without_a_vector_of_the_embedder_is_not_asked(shelf: Shelf) -> None:
    shelf.questions(embedders=(SMALL,))

    recall = await shelf.door().recall("docs_v2", LARGE)

    assert (recall.share, recall.words, recall.unasked) == (None, "not asked", 4)


async def test_a_vector_of_other_dimensions_cannot_be_asked(shelf: Shelf) -> None:
    with pytest.raises(ValueError, match="holds 6 dimensions, the question has 3"):
        await shelf.door().reader.nearest("docs_v1", [[1.0, 2.0, 3.0]], 1)


async def test_recall_is_asked_at_its_own_pace(shelf: Shelf) -> None:
    door, code = shelf.door(), app(asks(42, SMALL))

    first = await door.observe(code)
    shelf.run("DELETE FROM docs_v1")
    second = await door.observe(code)

    assert [one.words for one in first.recall] == ["4/4"]
    assert second.recall == first.recall


@pytest.mark.parametrize("broken", ["questions = 3", "not toml", "[[questions]]\nname = 'x'"])
async def test_recall_questions_that_cannot_be_read_are_told(shelf: Shelf, broken: str) -> None:
    (shelf.home / "recall.toml").write_text(broken)
    state = await shelf.door().observe(None)
    (shelf.home / "recall.toml").unlink()
    missing = await shelf.door().observe(None)

    assert state.unread.startswith("recall: recall.toml")
    assert missing.unread == "recall: recall.toml does not exist"


async def test_the_facets_are_the_index_with_its_stamp_and_the_embedder(shelf: Shelf) -> None:
    code = app(asks(40, LARGE), asks(41, SMALL), asks(42, SMALL))

    index, embedder = LAYER.facets(await shelf.door().observe(None), code)

    assert (index.item, index.version, index.since) == ("index", f"docs_v1 {SMALL} {SIZE}", BUILT["docs_v1"])
    assert (embedder.item, embedder.version, embedder.before) == ("embedder", SMALL, LARGE)
    assert embedder.since == asks(41, SMALL).created
