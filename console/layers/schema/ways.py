"""The ways back of the schema, what stands against each, and their steps: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.config.layer_settings import SchemaSettings
from console.config.settings import TargetSettings
from console.domain.clean import clean_block
from console.domain.code import CodeState, Revision
from console.domain.intent import Intent, Way
from console.domain.plan import Breach, Refusal, StepRecord
from console.domain.restore import window
from console.domain.schema import SchemaState, Server
from console.domain.snapshot import Snapshot
from console.domain.sql_script import Script
from console.domain.sql_script import read as read_script
from console.domain.traffic import TrafficEntry, pinned
from console.layers.code import by_hand as code_by_hand
from console.layers.code import guards as code_guards
from console.layers.code import ways as code_ways
from console.layers.planning import Findings
from console.layers.schema import by_hand, goals
from console.layers.schema.looked import Looked
from console.layers.schema.names import version_table
from console.steps.add_secret import AddSecret
from console.steps.new_env_revision import NewEnvRevision, share_of_new
from console.steps.place_endpoint import PlaceEndpoint
from console.steps.prove_answers import ProveAnswers
from console.steps.prove_serving import ProveServing
from console.steps.release_endpoint import ReleaseEndpoint
from console.steps.restore_server import RestoreServer
from console.steps.run_down import RunDown
from console.steps.see_recovery import SeeRecovery
from console.steps.see_restored import SeeRestored
from console.steps.shift_traffic import ShiftTraffic

CODE_FIRST = Way("code-first", "the code goes back, the schema stays", "a revision fits the head that is there")
DOWN = Way("down", "run the down script", "in one transaction, with bounded waits")
DOWN_ALONE = Way(
    "down-alone", "run the down script alone", "the code does not go back with it: something else turns that"
)
RESTORE = Way("restore", "restore to a new server", "loses what was written since; then the service is repointed")
SHOWN = 20_000
SECRET = "secretref:"


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that a plan of the schema is made from. `target` is None where no head is known to go to."""

    settings: TargetSettings
    schema: SchemaSettings
    snapshot: Snapshot
    state: SchemaState
    intent: Intent
    findings: Findings
    target: str | None
    at: datetime | None
    seen: tuple[Breach, ...]

    @property
    def looked(self) -> Looked | None:
        found = self.findings.looked.get("schema")
        return found if isinstance(found, Looked) else None

    @property
    def code(self) -> CodeState | None:
        return self.snapshot.code.state

    @property
    def script(self) -> Script | None:
        """The down script as it was read; None while a plan is only drafted."""
        if self.looked is None or not self.looked.script:
            return None
        return read_script(self.looked.script, version_table(self.schema.current))

    @property
    def partner(self) -> Revision | None:
        """The revision that the code goes back to before the schema does; None where the code may stay."""
        if self.target is None or goals.needs_other(self.snapshot, self.target) is not True:
            return None
        return goals.fitting(self.snapshot, self.target)

    @property
    def new_server(self) -> str:
        name = self.state.server.name if self.state.server is not None else "server"
        return f"{name[:46]}-r{self.at:%Y%m%d%H%M%S}" if self.at is not None else f"{name[:46]}-r"


def possible(asked: Asked) -> tuple[Way, ...]:
    """The ways that there are, in the order of proposal: the cheapest first."""
    found = [CODE_FIRST] if code_goal(asked) is not None else []
    if asked.schema.url and asked.schema.down_sql and asked.target is not None:
        found += [DOWN, DOWN_ALONE] if asked.partner is not None else [DOWN]
    found += [RESTORE] if asked.state.server is not None else []
    return tuple(found)


def code_goal(asked: Asked) -> Revision | None:
    """An older revision that needs the present head, or that answered all golden questions with it."""
    head = asked.state.head
    if asked.intent.to is not None or head is None:
        return None
    changed = bool(asked.snapshot.changes.of("code"))
    fits = goals.fitting(asked.snapshot, head)
    if fits is not None and (changed or goals.needs_other(asked.snapshot, head)):
        return fits
    proven = goals.older(asked.snapshot)
    answered = asked.findings.golden
    return next((one for one in proven if one.name in answered and answered[one.name].perfect), None)


def refusals(asked: Asked, way: Way) -> tuple[Refusal, ...]:
    """Everything that speaks against one way, hard refusals first."""
    against = {DOWN: _against_down, DOWN_ALONE: _against_down_alone, RESTORE: _against_restore}
    found = against.get(way, _nothing)(asked)
    return tuple(sorted(found, key=lambda refusal: refusal.overridable))


def _nothing(asked: Asked) -> list[Refusal]:
    return []


def _against_down(asked: Asked) -> list[Refusal]:
    return [*_against_down_alone(asked), *_against_partner(asked)]


def _against_down_alone(asked: Asked) -> list[Refusal]:
    state, target, found = asked.state, asked.target or "", list[Refusal]()
    if state.blind:
        return [Refusal(state.unread or "the head could not be read")]
    if state.head is None:
        shown = ", ".join(state.heads) or "none"
        found.append(Refusal(f"there is no one head to go down from: {shown}"))
    way_down = state.above(target)
    if way_down is None and state.find(target) is not None:
        found.append(Refusal(f"{target} is not below {state.head}, as the history says"))
    for one in way_down or ():
        if one.drops:
            titled = f" ({one.title})" if one.title else ""
            sentence = f"{one.revision}{titled} dropped data on its way up: a script down brings no data back"
            found.append(Refusal(sentence))
    if asked.snapshot.history.known_bad(f"{goals.ITEM} {target}"):
        found.append(Refusal(f"head {target} is known bad", True))
    found += _against_script(asked)
    if goals.needs_other(asked.snapshot, target) and asked.partner is None:
        short = asked.code.short(asked.code.serving[0].name) if asked.code and asked.code.serving else "what serves"
        found.append(Refusal(f"{short} was made for another head than {target}, and no older revision fits it", True))
    return found


def _against_partner(asked: Asked) -> list[Refusal]:
    code, partner = asked.code, asked.partner
    if code is None or partner is None:
        return []
    way, findings = code_ways.ways(code, partner)[0], asked.findings
    history = asked.snapshot.history
    return list(code_guards.refusals(code, partner, way, history, findings.answer, findings.may_write))


def _against_script(asked: Asked) -> list[Refusal]:
    looked = asked.looked
    if looked is None:
        return []
    if (looked.current, looked.target) != (asked.state.head or "", asked.target or ""):
        return [Refusal("the head moved while the script was printed: ask again")]
    if looked.no_script:
        return [Refusal(f"there is no down script: {looked.no_script}")]
    if len(looked.script) > SHOWN:
        return [Refusal(f"the down script has {len(looked.script)} characters: too long to be read whole here")]
    if clean_block(looked.script, SHOWN) != looked.script:
        return [
            Refusal("the down script holds control or invisible characters: what would run is not what one reads")
        ]
    script = asked.script
    if script is None or not script.statements:
        why = f": {script.barred[0]}" if script is not None and script.barred else " holds no statement"
        return [Refusal(f"the down script{why}")]
    return [Refusal(f"the down script cannot be run: {why}") for why in script.barred[:3]]


def _against_restore(asked: Asked) -> list[Refusal]:
    server, found = asked.state.server, list[Refusal]()
    if server is None:
        return [Refusal("no server is configured")]
    if asked.at is None:
        reach = window(server, asked.snapshot.at)
        when = "when the schema changed is not known: choose the moment to restore"
        return [Refusal(reach.why or when)]
    against = window(server, asked.snapshot.at).against(asked.at)
    if against:
        found.append(Refusal(against))
    if asked.looked is not None and asked.looked.may_restore is False:
        action = "Microsoft.DBforPostgreSQL/flexibleServers/write"
        found.append(Refusal(f"Azure's list of your permissions lacks {action} in this group", True))
    return found


def down(asked: Asked, *, alone: bool = False) -> tuple[StepRecord, ...]:
    """The code first where it must, then the script, then the proofs."""
    code, partner = asked.code, None if alone else asked.partner
    steps: list[StepRecord] = []
    proofs: list[StepRecord] = []
    if code is not None and partner is not None:
        way = code_ways.ways(code, partner)[0]
        tolerate = code_guards.cannot_answer(partner, asked.findings.answer)
        moves = code_ways.propose(asked.settings, code, partner, way, asked.seen, tolerate)
        records = [one.record() for one in moves if not isinstance(one, SeeRecovery)]
        turn = next((place for place, one in enumerate(records) if one.turns), len(records) - 1)
        steps, proofs = records[: turn + 1], records[turn + 1 :]
    return (*steps, _run_down(asked), *proofs, *_ends(asked))


def _run_down(asked: Asked) -> StepRecord:
    script, looked = asked.script, asked.looked
    current, target = asked.state.head or "", asked.target or ""
    command = by_hand.run_down(
        asked.settings, asked.schema, looked.command if looked is not None else "", current, target
    )
    step = RunDown(
        place=asked.state.place,
        current=current,
        target=target,
        statements=tuple(one.text for one in script.statements) if script is not None else (),
        tables=script.tables if script is not None else (),
        lossy=script is None or not script.drops_nothing,
        counts=looked.counts if looked is not None else (),
        command=command,
    )
    return step.record()


def restore(asked: Asked) -> tuple[StepRecord, ...]:
    """The new server, a look into it, and whatever points the service at it, as far as the console can."""
    server, at = asked.state.server, asked.at
    if server is None or at is None:
        return ()
    name, counts = asked.new_server, asked.looked.counts if asked.looked is not None else ()
    command = by_hand.restore(asked.settings, asked.schema, server, name, at)
    moved = repointing(asked)
    steps = [
        RestoreServer(
            source=server.name,
            source_id=server.resource_id,
            name=name,
            location=server.location,
            at=at.isoformat(),
            network=dict(server.network),
            wait_s=asked.schema.restore_wait_s,
            command=command,
        ).record(),
        SeeRestored(name, new_host(asked) if moved else "", asked.target or "", counts).record(),
    ]
    return (*steps, *moved, *(_ends(asked) if moved else ()))


def repointing(asked: Asked) -> tuple[StepRecord, ...]:
    """By virtual endpoint where there is one; else by the env of a new revision; else nothing: it is done by hand."""
    server = asked.state.server
    if server is not None and server.endpoints:
        return _by_endpoint(asked, server)
    return _by_revision(asked)


def _by_endpoint(asked: Asked, server: Server) -> tuple[StepRecord, ...]:
    settings, schema, name = asked.settings, asked.schema, asked.new_server
    steps: list[StepRecord] = []
    for one in server.endpoints:
        command = by_hand.release_endpoint(settings, schema, server.name, one.name)
        steps.append(ReleaseEndpoint(server.name, one.name, one.members, command).record())
        command = by_hand.place_endpoint(settings, schema, name, one.name)
        steps.append(PlaceEndpoint(name, one.name, one.hosts, command).record())
    return tuple(steps)


def new_host(asked: Asked) -> str:
    """The address that Azure will give the new server: its name instead of the old one's."""
    fqdn = asked.state.server.fqdn if asked.state.server is not None else ""
    return f"{asked.new_server}.{fqdn.partition('.')[2]}"


def new_secret(asked: Asked) -> str:
    """The name of the secret that leads to the new server; nothing uses it yet."""
    moment = f"{asked.at:%Y%m%d%H%M%S}" if asked.at is not None else ""
    return f"{asked.schema.secret or 'database-url'}-r{moment}"


def _by_revision(asked: Asked) -> tuple[StepRecord, ...]:
    code, server, env = asked.code, asked.state.server, asked.schema.url_env
    if code is None or server is None or not env or not code.serving or len(code.serving) != 1:
        return ()
    value = dict(code.serving[0].env).get(env, "")
    if value.startswith(SECRET):
        return _by_secret(asked, code, env, value)
    if server.fqdn and server.fqdn in value:
        return _revised(asked, code, env, value, value.replace(server.fqdn, new_host(asked)))
    return ()


def _by_secret(asked: Asked, code: CodeState, env: str, value: str) -> tuple[StepRecord, ...]:
    looked, name = asked.looked, new_secret(asked)
    if looked is None or looked.secrets is None or not looked.has_value:
        return ()
    source = asked.schema.secret_value or ""
    command = by_hand.add_secret(asked.settings, name, f'"${source.removeprefix("env:")}"')
    others = tuple(one.name for one in looked.secrets)
    first = AddSecret(code.app, name, others, source, asked.new_server, command)
    return (first.record(), *_revised(asked, code, env, value, f"{SECRET}{name}"))


def _revised(asked: Asked, code: CodeState, env: str, before: str, after: str) -> tuple[StepRecord, ...]:
    settings, source = asked.settings, code.serving[0]
    suffix = free_suffix(code, code.short(source.name))
    target, share = f"{code.app}--{suffix}", share_of_new(code)
    made = NewEnvRevision(
        app=code.app,
        source=source.name,
        source_short=code.short(source.name),
        template=source.template,
        image=source.image,
        latest=code.latest or "",
        mode=code.mode,
        target=target,
        short=suffix,
        env=((env, before, after),),
        share=share,
        layer="schema",
        command=by_hand.set_env(settings, env, after, suffix),
    )
    identifies = settings.probe.identity is not None
    proof = ProveServing(target, suffix, code_ways.former_share(code, target), identifies)
    if share == 100:
        return (made.record(), proof.record())
    leaves = _pinned(code, target)
    command = code_by_hand.set_traffic(settings, code.traffic, leaves)
    title = f"traffic → {suffix} 100 %"
    shift = ShiftTraffic(code.app, target, suffix, code.mode, code.traffic, leaves, command, title)
    return (made.record(), shift.record(), proof.record())


def _pinned(code: CodeState, target: str) -> tuple[TrafficEntry, ...]:
    return pinned(code.traffic, target, code.latest, {one.name for one in code.revisions} | {target})


def free_suffix(code: CodeState, short: str) -> str:
    """`v42-db1`, or the next number that is free."""
    stem = short.rpartition("-db")[0] or short
    taken = {code.short(revision.name) for revision in code.revisions}
    return next(f"{stem}-db{number}" for number in range(1, 1000) if f"{stem}-db{number}" not in taken)


def _ends(asked: Asked) -> Sequence[StepRecord]:
    """What every way ends with: the signals, and the golden questions where there are any."""
    golden = (ProveAnswers().record(),) if asked.settings.golden is not None else ()
    return (SeeRecovery(asked.seen).record(), *golden)
