"""Everything a front end may ask of the engine, for one target."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from console.clock import Clock
from console.compare import Comparer
from console.config.settings import TargetSettings
from console.domain.baseline import Pick, bundle_key
from console.domain.clean import clean
from console.domain.decision import Leaf
from console.domain.failure import Failure
from console.domain.incident import Incident
from console.domain.intent import Intent
from console.domain.observed import Span
from console.domain.plan import Plan
from console.domain.run import Event, Kind, Outcome, Run
from console.domain.snapshot import Environment, LayerStatus, Snapshot
from console.emergency import Option, options
from console.guidance.placeholders import names as names_of_now
from console.guidance.runbook import Filled, filled, folder_of, shelf
from console.guiding import Guide
from console.launch import Prepared, abandoned, adopt, os_user, prepare, survives_logout
from console.layers import names
from console.observe import Observer
from console.offers import Offer, bypass_command, offers_after
from console.plan import Findings, NothingToDo
from console.proposing import Proposer, Unreachable
from console.record.database import RecordError
from console.record.incidents import Incidents
from console.record.run_log import RunLog
from console.record.script import Script
from console.target import Clients

__all__ = ["Desk", "NothingToDo", "Prepared", "Refused", "Unreachable"]

ALONE = "only you, this machine"
GO_BACK = Intent()


class Refused(Exception):
    """A guard said no; `sentence` says which, and nothing was sent."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Desk:
    """One target, watched and acted upon. Nothing here draws, and nothing here writes to Azure."""

    coordination = ALONE

    def __init__(
        self,
        target: str,
        settings: TargetSettings,
        clients: Clients,
        log: RunLog | None,
        note: str,
        clock: Clock,
        script: Script | None = None,
    ) -> None:
        self.target = target
        self.environment: Environment = settings.environment
        self.read_only = settings.read_only
        self.survives_logout = survives_logout()
        self._note = note
        self._script = script
        self._settings, self._clients, self._log, self._clock = settings, clients, log, clock
        self._taken_up: dict[int, subprocess.Popen[bytes]] = {}
        self._observer = Observer(
            target,
            settings,
            clients.reader,
            clients.prober,
            log,
            clock,
            clients.doors,
            clients.signals,
            clients.window,
            self._began,
            Comparer(clients.prober, clients.examiner),
        )
        self._proposer = Proposer(settings, clients, self._observer, clock)
        self.guide = Guide(settings, self._observer, log, clock)
        self._tree_note = self.guide.note if settings.runbooks else ""

    @property
    def state_note(self) -> str:
        """What is wrong with the run log, or with the team's decision tree; or nothing."""
        return self._note or (self._log.note if self._log else "") or self._tree_note

    @property
    def log_path(self) -> Path | None:
        return self._log.path if self._log else None

    @property
    def snapshot(self) -> Snapshot:
        return self._observer.snapshot

    async def watch(self) -> AsyncIterator[Snapshot]:
        """Snapshots for ever; runs that lost their runner are taken up first."""
        self.reconcile()
        async for snapshot in self._observer.watch():
            self._keep_script()
            yield snapshot

    async def once(self) -> Snapshot:
        """One reading of everything."""
        snapshot = await self._observer.once()
        self._keep_script()
        return snapshot

    async def sample(self) -> None:
        """Asks the service as often as its triggers want, so that the signals can be judged."""
        counts = (self._settings.trigger(signal.name).min_count for signal in self._settings.signals)
        wanted = max(counts, default=0)
        await self._observer.sample(wanted)

    def refresh(self) -> None:
        self._observer.refresh()

    def draft(self, intent: Intent = GO_BACK) -> Plan | None:
        """The plan that the latest snapshot gives, without any reading; None where there is none."""
        try:
            return self._proposer.draft(intent, self._findings(intent))
        except NothingToDo:
            return None

    def why_not(self, intent: Intent = GO_BACK) -> str:
        """Why there is no plan for this now, or why it may not run; empty where it may."""
        try:
            plan = self._proposer.draft(intent, self._findings(intent))
        except NothingToDo as nothing:
            return nothing.sentence
        return plan.refused.sentence if plan.refused else ""

    def emergency(self) -> tuple[Option, ...]:
        """The three fast ways out, each with what it would change by the latest snapshot."""

        def draft(intent: Intent) -> Plan:
            return self._proposer.draft(intent, self._findings(intent))

        return options(self._settings, self.snapshot, draft)

    def runbook(self, leaf: Leaf, by_hand: str = "") -> Filled:
        """The leaf's runbook with the names of now; `by_hand` are the commands of the plan beside it.

        Raises Unreachable where there is none.
        """
        books = shelf(folder_of(self._settings))
        found = books.runbooks.get(leaf.runbook)
        if found is None:
            wrong = next((f": {one}" for one in books.mistakes if one.startswith(f"{leaf.runbook}.md")), "")
            raise Unreachable(f"there is no runbook {leaf.runbook}.md{wrong}")
        return filled(found, names_of_now(self._settings, self.snapshot, found.layer), by_hand)

    async def propose(self, intent: Intent = GO_BACK) -> Plan:
        """The plan from a fresh reading, the target asked on its own address. Raises Unreachable or NothingToDo."""
        return await self._proposer.propose(intent, self._findings(intent))

    def suggested(self) -> Intent:
        """What explains the trouble best, taken back; the code where nothing is suspected.

        Raises NothingToDo where the first suspect is nothing that a console can take back.
        """
        first = self.snapshot.changes.first
        if first is None:
            return GO_BACK
        change = first.change
        if change.layer not in names():
            told = f"{change.words}{f', by {change.by}' if change.by else ''}"
            raise NothingToDo(f"what explains the trouble best cannot be taken back from here: {told}")
        return Intent(layer=change.layer, item=change.item if change.layer != "code" else None)

    async def compare(self) -> None:
        """Asks the revision that serves and an older one side by side, while a signal is over its limit."""
        if self.snapshot.breached:
            await self._observer.compare()

    def observed(self) -> tuple[Span, ...]:
        """What was observed to serve, oldest first."""
        return self._observer.changed.spans()

    def pick(self, pick: Pick | None) -> None:
        """Compares with another baseline from now on; None: the newest known good again."""
        self._observer.changed.pick = pick

    async def passage(self, layer: str, item: str, version: str) -> str:
        """The text of one version, such as a prompt's, several lines of it cleaned. Raises Unreachable."""
        door = self._clients.doors.get(layer)
        text = getattr(door, "text", None)
        if text is None:
            raise Unreachable(f"{layer} has no texts")
        try:
            return str(await text(item, version))
        except Failure as failure:
            raise Unreachable(failure.sentence) from failure

    async def export_calls(self, item: str, version: str, path: Path) -> int:
        """Writes which calls used this version of a prompt to a new CSV file, 0600; how many there were.

        Raises Refused where there is no call log, Unreachable where it cannot be read, OSError for the file.
        """
        from console.stores.calls import CallLog, Which
        from console.stores.entra import token_of

        calls, state = self._settings.calls, self.snapshot.prompt.state
        if calls is None:
            raise Refused("the call log is not configured")
        prompt = state.find(item) if state is not None else None
        token = token_of(self._clients.credential) if calls.entra else None
        log = CallLog(calls, os.environ, self._settings.home, token)
        try:
            return await log.write_csv(Which(prompt.name if prompt else item, version), path)
        except Failure as failure:
            raise Unreachable(failure.sentence) from failure
        finally:
            await log.close()

    def prepare(self) -> Prepared:
        """Starts the runner, which waits. Raises Refused."""
        if self.read_only:
            raise Refused("this console is read-only: nothing can be written from here")
        if self._log is None:
            raise Refused(f"{self._note}; without a record nothing is written")
        try:
            return prepare(self._log, self.target, self._settings, self._clients.lend())
        except (RecordError, OSError) as error:
            raise Refused(f"the runner cannot start: {error}; nothing was sent") from error

    def run(self, run_id: int) -> Run | None:
        return self._log.run(run_id) if self._log else None

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        return self._log.runs(limit) if self._log else ()

    def mark(self, version: str, good: bool, reason: str = "") -> None:
        """Says of a revision that it is good or bad. Raises Refused: nothing is good while a signal is breached."""
        breached = self.snapshot.breached
        state = self.snapshot.code.state
        serves = state is not None and state.weight(version) > 0
        serves = serves or any(f"{one.item} {one.version}" == version for one in self.snapshot.bundle.facets)
        if good and serves and breached:
            names = ", ".join(reading.name for reading in breached)
            raise Refused(f"{names} is over its limit while it serves: it is not marked good")
        if self._log is None:
            raise Refused(self._note)
        try:
            self._log.mark(version, good, os_user(), clean(reason, 200))
            if serves:
                self._log.mark(bundle_key(self.snapshot.bundle), good, os_user(), clean(reason, 200))
            self._observer.forget()
        except RecordError as error:
            raise Refused(error.sentence) from error

    @property
    def incident(self) -> Incident | None:
        """The incident that is under way, if there is one."""
        return Incidents(self._log, self._clock).current() if self._log else None

    def incidents(self) -> tuple[Incident, ...]:
        """Every incident, newest first."""
        return Incidents(self._log, self._clock).all() if self._log else ()

    def begin_incident(self, began: datetime, note: str = "") -> Incident:
        """Says when it began; opens an incident where none is under way. Raises Refused."""
        if self._log is None:
            raise Refused(self._note)
        if began > self._clock.now():
            raise Refused("an incident cannot begin in the future")
        try:
            return Incidents(self._log, self._clock).begin(began, os_user(), "said by the operator", clean(note, 200))
        except RecordError as error:
            raise Refused(error.sentence) from error

    def offers(self, run: Run) -> tuple[Offer, ...]:
        """What is still to do after a run: stop what runs on without traffic, and the way back."""
        return offers_after(run, self.snapshot)

    @property
    def bypass(self) -> str:
        """The team's own way round Azure, filled with the names of now; empty where none is configured."""
        return bypass_command(self._settings, self.snapshot)

    @property
    def script(self) -> Path | None:
        """rollback-TARGET.sh, as last written; None where it could not be."""
        return self._script.path if self._script else None

    def events(self) -> Iterator[Event]:
        """Every event of every run, oldest run first."""
        for run in sorted(self.runs(100_000), key=lambda run: run.id):
            yield from self._log.events(run.id) if self._log else ()

    def usual_s(self, layer: str = "code") -> tuple[float, ...]:
        """How long the last five verified runs took, newest first, in seconds."""
        ended = (run for run in self.runs() if run.outcome is Outcome.VERIFIED and run.ended_s is not None)
        verified = (run for run in ended if run.plan is not None and run.plan.layer == layer)
        return tuple(run.ended_s for run in verified if run.ended_s is not None)[:5]

    def stop(self, run_id: int) -> None:
        """Asks a run to stop before its next step."""
        if self._log is not None:
            with contextlib.suppress(RecordError):
                self._log.append(run_id, Kind.STOPPING)

    def reconcile(self) -> tuple[int, ...]:
        """Has every unfinished run without a runner taken up, each once from here; their numbers."""
        if self._log is None:
            return ()
        lost = [run for run in self.runs() if run.id not in self._taken_up and abandoned(self._log, run)]
        for run in lost:
            self._taken_up[run.id] = adopt(self._log, self._settings, run.id)
        return tuple(run.id for run in lost)

    def take_up(self, run_id: int) -> bool:
        """Has a runner look into a run that lost its own, or whose outcome is unknown; whether one was started."""
        run = self.run(run_id)
        if self._log is None or run is None or run_id in self._taken_up:
            return run_id in self._taken_up
        if not (abandoned(self._log, run) or run.outcome is Outcome.UNKNOWN):
            return False
        self._taken_up[run_id] = adopt(self._log, self._settings, run_id)
        return True

    def taken_up(self, run_id: int) -> Run | None:
        """A run that was taken up: without an outcome while its new runner works."""
        runner, run = self._taken_up.get(run_id), self.run(run_id)
        working = runner is not None and runner.poll() is None
        return replace(run, outcome=None) if run is not None and working else run

    def attended(self, run_id: int) -> bool:
        """Whether a runner still works on a run, or it needs none any more."""
        runner = self._taken_up.get(run_id)
        if runner is not None and runner.poll() is None:
            return True
        run = self.run(run_id)
        return self._log is not None and run is not None and not abandoned(self._log, run)

    async def close(self) -> None:
        await self._clients.close()
        if self._log is not None:
            self._log.close()

    def _keep_script(self) -> None:
        """Rewrites the script by hand once what serves has been read."""
        snapshot = self.snapshot
        if self._script is not None and snapshot.code.status is LayerStatus.OK:
            self._script.keep(self.draft(), snapshot.choice.why, self.bypass, self._clock.now())

    def _began(self) -> datetime | None:
        """When the incident that is under way began."""
        with contextlib.suppress(RecordError):
            return self.incident.began if self.incident else None
        return None

    def _findings(self, intent: Intent) -> Findings:
        """What the record knows that a plan must heed."""
        undone = self.run(intent.run) if intent.run is not None else None
        return Findings(last=next(iter(self.runs(1)), None), undone=undone)
