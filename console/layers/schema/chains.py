"""The steps of each way back of the schema: pure."""

from __future__ import annotations

from collections.abc import Sequence

from console.domain.code import CodeState
from console.domain.plan import StepRecord
from console.domain.schema import Server
from console.layers.code import guards as code_guards
from console.layers.code import renewed
from console.layers.code import ways as code_ways
from console.layers.schema import by_hand
from console.layers.schema.ways import Asked
from console.steps.add_secret import AddSecret
from console.steps.place_endpoint import PlaceEndpoint
from console.steps.prove_answers import ProveAnswers
from console.steps.release_endpoint import ReleaseEndpoint
from console.steps.restore_server import RestoreServer
from console.steps.run_down import RunDown
from console.steps.see_recovery import SeeRecovery
from console.steps.see_restored import SeeRestored

SECRET = "secretref:"


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
    made = renewed.copied(asked.settings, code, code.serving[0], ((env, before, after),), "schema", "db")
    return tuple(step.record() for step in (made, *renewed.serving(asked.settings, code, made)))


def _ends(asked: Asked) -> Sequence[StepRecord]:
    """What every way ends with: the signals, and the golden questions where there are any."""
    golden = (ProveAnswers().record(),) if asked.settings.golden is not None else ()
    return (SeeRecovery(asked.seen).record(), *golden)
