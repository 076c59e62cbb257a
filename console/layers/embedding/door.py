"""The door to the registry of indexes and to their vectors: read for everybody, written by the runner alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from console.clock import Clock
from console.config.layer_settings import EmbeddingSettings
from console.domain.clean import clean
from console.domain.code import CodeState
from console.domain.embedding import EmbeddingState, Index, Recall
from console.domain.failure import Failure, FailureKind
from console.domain.intent import Intent
from console.domain.snapshot import Snapshot
from console.layers.embedding import goals
from console.layers.embedding.beside import beside
from console.layers.embedding.recall import Questions, load
from console.stores.indexes import IndexReader, IndexWriter, Lacking
from console.stores.store import Store
from console.stores.vectors import Found

LISTED = 500


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at for one plan: whole tables, the rows an older index lacks, recall; and what could not be."""

    measured: Mapping[str, Found] = field(default_factory=dict)
    lacking: tuple[Lacking, ...] = ()
    recall: tuple[Recall, ...] = ()
    unread: tuple[str, ...] = ()

    def recalled(self, index: str, embedder: str) -> Recall | None:
        return next((one for one in self.recall if (one.index, one.embedder) == (index, embedder)), None)

    def lacks(self, newer: str, older: str) -> Lacking | None:
        return next((one for one in self.lacking if (one.newer, one.older) == (newer, older)), None)


class EmbeddingDoor:
    """`writer` is None in the console's own process and where the target is only read."""

    def __init__(
        self,
        settings: EmbeddingSettings,
        store: Store,
        clock: Clock,
        home: str = "",
        embedder_env: str = "",
        writing: bool = False,
    ) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._home, self._embedder_env = home, embedder_env
        self._recall: dict[tuple[str, str], Recall] = {}
        self._questions: Questions | None = None
        self.reader = IndexReader(settings, store)
        self.writer = IndexWriter(settings, store) if writing else None

    @property
    def every_s(self) -> float:
        return self._settings.every_s

    async def observe(self, code: CodeState | None) -> EmbeddingState:
        """The registry now, beside the code as last read. Raises Failure."""
        registry = await self.reader.registry()
        state = EmbeddingState(
            place=self._settings.registry,
            indexes=registry.indexes,
            dialect=registry.dialect,
            numbers=registry.numbers,
            embedder_env=self._embedder_env,
            index_env=self._settings.index_env,
            meanings=self._settings.embedders,
        )
        state = beside(state, code)
        unread = [self.questions.unread, await self._recall_at_pace(state)]
        unread += [f"{one.name}: {one.unread}" for one in state.indexes if one.unread and one.active]
        recall = sorted(self._recall.values(), key=lambda one: one.at or self._clock.now(), reverse=True)
        return replace(state, recall=tuple(recall), unread="; ".join(filter(None, unread)))

    async def look(self, snapshot: Snapshot, intent: Intent) -> Looked:
        """What a plan rests on: both indexes' tables, the rows that would be missed, and the recall before."""
        state = snapshot.embedding.state
        goal = goals.named(state, snapshot, intent) if state is not None else None
        if state is None or goal is None:
            return Looked()
        newer = goals.newer_than(state, goal)
        unread: list[str] = []
        measured = {one.name: await self._measured(one, unread) for one in (goal, newer) if one is not None}
        lacking = await self._lacking(newer, goal, unread) if newer is not None else ()
        asked = dict.fromkeys([(goal, goal.embedder), *((one, state.embedder or "") for one in state.actives)])
        recall = [await self._asked(index, embedder, unread) for index, embedder in asked if embedder]
        found = {name: one for name, one in measured.items() if one is not None}
        return Looked(found, lacking, tuple(one for one in recall if one is not None), tuple(unread))

    async def recall(self, index: str, embedder: str) -> Recall:
        """Asks an index what `embedder` embedded. Raises Failure, or ValueError where it cannot be asked."""
        asked, now = self.questions.of(embedder), self._clock.now()
        unasked = len(self.questions.asked) - len(asked)
        if not asked:
            result = Recall(index, 0, 0, now, embedder, unasked)
        else:
            answers = await self.reader.nearest(index, [vector for _, vector in asked], self.questions.nearest)
            missed = tuple(
                one.name
                for (one, _), answer in zip(asked, answers, strict=True)
                if not set(one.documents) & set(answer)
            )
            result = Recall(index, len(asked), len(asked) - len(missed), now, embedder, unasked, missed)
        self._recall[index, embedder] = result
        return result

    @property
    def questions(self) -> Questions:
        """Read once; a file that could not be used is read again."""
        if self._questions is None or self._questions.unread:
            self._questions = load(self._settings.recall_questions, self._home)
        return self._questions

    def writing(self) -> IndexWriter:
        """What writes. Raises Failure where this process may not."""
        if self.writer is None:
            raise Failure(FailureKind.NOT_ALLOWED, "this process may only read the registry; nothing was sent")
        return self.writer

    async def close(self) -> None:
        await self._store.close()

    async def _recall_at_pace(self, state: EmbeddingState) -> str:
        """The active index asked with the serving embedder's questions, once a pace; why not, where it cannot be."""
        active, embedder, pace = state.active, state.embedder, self._settings.recall_every_s
        if active is None or embedder is None or not pace or not self.questions.of(embedder):
            return ""
        last = self._recall.get((active.name, embedder))
        if last is not None and last.at is not None and (self._clock.now() - last.at).total_seconds() < pace:
            return ""
        unread: list[str] = []
        await self._asked(active, embedder, unread)
        return "; ".join(unread)

    async def _measured(self, index: Index, unread: list[str]) -> Found | None:
        if self._settings.vectors is None:
            return None
        try:
            return await self.reader.measured(index)
        except Failure as failure:
            unread.append(f"{index.name}: {failure.sentence}")
            return None

    async def _lacking(self, newer: Index, older: Index, unread: list[str]) -> tuple[Lacking, ...]:
        if self._settings.vectors is None:
            return ()
        try:
            return (await self.reader.lacking(newer.name, older.name, LISTED),)
        except (Failure, ValueError) as error:
            unread.append(f"rows that only {newer.name} has: not counted ({_said(error)})")
            return ()

    async def _asked(self, index: Index, embedder: str, unread: list[str]) -> Recall | None:
        if self._settings.vectors is None or self._settings.recall_questions is None:
            return None
        try:
            return await self.recall(index.name, embedder)
        except (Failure, ValueError) as error:
            unread.append(f"recall of {index.name}: not measured ({_said(error)})")
            return None


def _said(error: Failure | ValueError) -> str:
    return error.sentence if isinstance(error, Failure) else clean(str(error), 200)
