"""What served when: every newly observed bundle, and the stretches in which somebody looked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from console.domain.bundle import Bundle
from console.domain.observed import Span
from console.record.run_log import RunLog

KEPT_OPEN = timedelta(minutes=15)
NOTED_EVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Look:
    """One observation: whether the answers' quality was measured then, and whether a signal was breached.

    `measured` is None where nobody asked: that neither proves nor spoils anything.
    """

    at: datetime
    measured: bool | None = None
    breached: bool = False


class Bundles:
    """The observed bundles of one target. Raises RecordError where they cannot be kept or read.

    Looks at the same bundle that are less than a quarter of an hour apart are one stretch; a longer pause is a gap.
    """

    def __init__(self, log: RunLog) -> None:
        self._log = log
        self._last: tuple[str, datetime] | None = None
        self._spans: tuple[Span, ...] | None = None
        self._known: dict[str, Bundle] = {}

    def saw(self, bundle: Bundle, look: Look) -> bool:
        """Notes a look at a whole bundle; at most every 30 s while nothing changed. Whether it was written."""
        last = self._last
        if last is not None and last[0] == bundle.digest and look.at - last[1] < NOTED_EVERY and not look.breached:
            return False
        self._log.transact(lambda execute: _note(execute, bundle, look))
        self._last, self._spans = (bundle.digest, look.at), None
        return True

    def spans(self, limit: int = 2000) -> tuple[Span, ...]:
        """The observed stretches, oldest first."""
        if self._spans is None:
            query = (
                "SELECT b.digest, b.body, o.since, o.until, o.looks, o.measured, o.breached FROM observed o"
                " JOIN bundles b ON b.digest = o.digest ORDER BY o.seq DESC LIMIT ?"
            )
            spans = (self._span(row) for row in self._log.rows(query, (limit,)))
            self._spans = tuple(sorted(spans, key=lambda span: span.since))
        return self._spans

    def _span(self, row: Sequence[object]) -> Span:
        """One stretch; the bundles of many stretches are few."""
        digest, body, since, until, *counts = cast(tuple[str, str, str, str, int, int, int], tuple(row))
        if digest not in self._known:
            self._known[digest] = Bundle.from_body(json.loads(body))
        began, ended = datetime.fromisoformat(since), datetime.fromisoformat(until)
        return Span(self._known[digest], began, ended, *counts)


def _note(execute: Callable[..., Any], bundle: Bundle, look: Look) -> None:
    body = json.dumps(bundle.body(), ensure_ascii=False)
    execute(
        "INSERT OR IGNORE INTO bundles (digest, at, body) VALUES (?, ?, ?)", (bundle.digest, _text(look.at), body)
    )
    row = execute("SELECT seq, digest, until FROM observed ORDER BY seq DESC LIMIT 1").fetchone()
    counts = (int(look.measured is not None), int(bool(look.measured)), int(look.breached))
    if row is not None and row[1] == bundle.digest and look.at - datetime.fromisoformat(row[2]) <= KEPT_OPEN:
        query = (
            "UPDATE observed SET until = max(until, ?), looks = looks + ?, measured = measured + ?,"
            " breached = breached + ? WHERE seq = ?"
        )
        execute(query, (_text(look.at), *counts, row[0]))
        return
    query = "INSERT INTO observed (digest, since, until, looks, measured, breached) VALUES (?, ?, ?, ?, ?, ?)"
    execute(query, (bundle.digest, _text(look.at), _text(look.at), *counts))


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
