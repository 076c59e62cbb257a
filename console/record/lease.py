"""One run at a time: a lease with an epoch, checked in the transaction that records each intent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from console.clock import Clock
from console.domain.run import Event, Kind
from console.record.run_log import RunLog

TERM_S = 20.0


class LeaseHeld(Exception):
    """Another run holds the target."""

    def __init__(self, run: int, holder: str) -> None:
        super().__init__(f"run {run} by {holder} is under way; nothing was sent")
        self.run = run
        self.holder = holder


class LeaseLost(Exception):
    """Another run took the target over meanwhile."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write, until somebody with a higher epoch has it."""

    run: int
    epoch: int


class Leases:
    """Takes, keeps and gives back the lease of one target."""

    def __init__(self, log: RunLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    def take(self, run: int, holder: str, confirmed: Event) -> Lease:
        """The lease, and the confirmation recorded in the same transaction. Raises LeaseHeld."""

        def act(execute: Callable[..., Any]) -> Lease:
            row = execute("SELECT epoch, run, holder, expires FROM lease").fetchone()
            held = row is not None and row[1] != run and row[3]
            if held and datetime.fromisoformat(row[3]) > self._clock.now() and not _ended(execute, row[1]):
                raise LeaseHeld(row[1], row[2])
            epoch = (row[0] if row else 0) + 1
            execute(
                "INSERT INTO lease (one, epoch, run, holder, expires) VALUES (1, ?, ?, ?, ?) ON CONFLICT (one) DO "
                "UPDATE SET epoch = excluded.epoch, run = excluded.run, holder = excluded.holder, "
                "expires = excluded.expires",
                (epoch, run, holder, self._expiry()),
            )
            self._log.insert(execute, confirmed)
            return Lease(run, epoch)

        return self._log.transact(act)

    def record_intent(self, lease: Lease, step: int, **body: Any) -> None:
        """Records what is about to be sent, only while the lease is ours. Raises LeaseLost."""
        event = Event(lease.run, Kind.INTENT, self._clock.now(), step, {"epoch": lease.epoch, **body})

        def act(execute: Callable[..., Any]) -> None:
            self._renew(execute, lease)
            self._log.insert(execute, event)

        self._log.transact(act)

    def renew(self, lease: Lease) -> None:
        """Holds the lease for another term. Raises LeaseLost."""
        self._log.transact(lambda execute: self._renew(execute, lease))

    def give_back(self, lease: Lease) -> None:
        """Lets the next run begin at once."""
        self._log.transact(
            lambda execute: execute("UPDATE lease SET expires = '' WHERE epoch = ?", (lease.epoch,)),
        )

    def _renew(self, execute: Callable[..., Any], lease: Lease) -> None:
        """Extends the term; a log that was spilled to in mid-run has no lease yet, and gets ours."""
        if execute("SELECT count(*) FROM lease").fetchone()[0] == 0:
            values = (lease.epoch, lease.run, "", self._expiry())
            execute("INSERT INTO lease (one, epoch, run, holder, expires) VALUES (1, ?, ?, ?, ?)", values)
        changed = execute("UPDATE lease SET expires = ? WHERE epoch = ?", (self._expiry(), lease.epoch)).rowcount
        if changed != 1:
            raise LeaseLost(f"another run took over from run {lease.run}; it sends nothing more")

    def _expiry(self) -> str:
        return (self._clock.now() + timedelta(seconds=TERM_S)).isoformat()


def _ended(execute: Callable[..., Any], run: int) -> bool:
    """Whether a run has its outcome: it then holds nothing, though its runner may have been lost with the lease."""
    query = "SELECT count(*) FROM events WHERE run = ? AND kind = ?"
    return bool(execute(query, (run, str(Kind.OUTCOME))).fetchone()[0])
