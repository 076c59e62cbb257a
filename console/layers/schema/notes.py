"""What a person should see before confirming a change of the schema: checked, unknown, stays, afterwards."""

from __future__ import annotations

from datetime import timedelta

from console.config.settings import TargetSettings
from console.domain.plan import Note
from console.domain.restore import shown
from console.layers.code.renewed import free_suffix
from console.layers.schema import by_hand, goals
from console.layers.schema.chains import new_host, repointing
from console.layers.schema.ways import Asked

URLS = (("prompts", "prompt"), ("call log", "calls"), ("embeddings", "embedding"))


def checked_down(asked: Asked) -> tuple[Note, ...]:
    """What was looked at for a down script."""
    notes = [Note(f"the head is {asked.state.head or 'not one'}, read now")]
    script, looked = asked.script, asked.looked
    if script is not None and script.statements:
        count = f"{len(script.statements)} statement{'s' if len(script.statements) > 1 else ''}"
        if script.drops_nothing:
            notes.append(Note(f"the script has {count}: nothing is dropped or overwritten"))
        else:
            notes.append(Note(f"the script has {count}; it may lose data: {'; '.join(script.lossy[:3])}", ok=False))
    for one in looked.holders if looked is not None else ():
        notes.append(
            Note(f"{one.words}: the script waits {asked.schema.lock_s:.0f} s for it, then gives up", ok=False)
        )
    return tuple(notes)


def checked_partner(asked: Asked) -> tuple[Note, ...]:
    """What was looked at where the code goes back as well."""
    code, partner, may = asked.code, asked.partner, asked.findings.may_write
    if code is None or partner is None:
        return ()
    said = Note(f"{code.short(partner.name)} was made for head {asked.target}: the traffic goes there first")
    written = Note("you may write this app" if may else "you may not write this app", ok=bool(may))
    return (said, written) if may is not None else (said,)


def unknown_down(asked: Asked) -> tuple[str, ...]:
    """What nobody can tell of a down script beforehand."""
    lines, target = [], asked.target or ""
    if asked.looked is None:
        lines.append("the down script has not been printed yet")
    way_down = asked.state.above(target)
    if way_down is None:
        lines.append("whether going up dropped data: no history is known from the head down")
    else:
        silent = [one.revision for one in way_down if one.drops is None]
        lines += [f"whether {', '.join(silent[:3])} dropped data on the way up"] if silent else []
    if goals.needs_other(asked.snapshot, target) is None:
        lines.append(f"whether what serves can read head {target}: it does not say which head it needs")
    if not asked.schema.counts:
        lines.append("row counts: no tables are configured (counts)")
    return (*lines, *_unread(asked))


def stays_down(asked: Asked) -> tuple[str, ...]:
    lines = ["rows written since stay, as far as the older schema has a place for them"]
    if asked.state.server is not None:
        newest = asked.state.server.newest_backup
        when = f"is of {shown(newest.completed)}" if newest is not None and newest.completed else "is not known"
        lines.append(f"no backup is made by this; the newest {when}")
    return tuple(lines)


def afterwards_down(asked: Asked) -> tuple[str, ...]:
    return ("the next deployment may migrate up again: hold the pipeline until the migration is mended",)


def checked_restore(asked: Asked) -> tuple[Note, ...]:
    """What was looked at for a restore."""
    server, at, notes = asked.state.server, asked.at, list[Note]()
    if server is None or at is None:
        return ()
    if server.earliest is not None:
        latest = asked.snapshot.at - timedelta(minutes=5)
        notes.append(Note(f"{server.name} can be restored from {shown(server.earliest)} to about {shown(latest)}"))
    notes.append(Note(f"{server.name} is {server.state}; it keeps running, untouched, beside the new one"))
    looked = asked.looked
    if looked is not None and looked.may_restore is not None:
        notes.append(Note("you may make servers in this group", ok=looked.may_restore))
    return tuple(notes)


def unknown_restore(asked: Asked) -> tuple[str, ...]:
    server = asked.state.server
    lines = ["how long it takes: 5 to 7 minutes for an empty server, up to hours with much data"]
    if asked.at is not None:
        lines.append(f"the head at {shown(asked.at)}: it is read on the new server before anything leads there")
    if server is not None and server.endpoints:
        lines.append("while the virtual endpoint moves, its host names lead nowhere: seconds to minutes")
    steps = [step.kind for step in repointing(asked)]
    if "add_secret" in steps and asked.looked is not None:
        kept = [one.name for one in asked.looked.secrets or () if not one.vault]
        if kept:
            lines.append(
                f"whether Azure keeps {', '.join(kept[:4])} when sent by name alone: else it refuses, unchanged"
            )
    return (*lines, *_unread(asked))


def stays_restore(asked: Asked) -> tuple[str, ...]:
    """What goes back with the server, what is lost, and what stands where it stood."""
    server, at, lines = asked.state.server, asked.at, list[str]()
    if server is None or at is None:
        return ()
    lost = asked.snapshot.at - at
    lines.append(f"what was written since {shown(at)}, {_lasted(lost)}, is not on the new server; the old one has it")
    shared = _shared(asked)
    if shared:
        lines.append(f"what lives there goes back too: {', '.join(shared)}")
    system = ("azure_", "postgres")
    others = [one for one in server.databases if one != asked.schema.database and not one.startswith(system)]
    if others:
        lines.append(f"every database of the server goes back too: {', '.join(others[:6])}")
    lines.append(f"{server.name} stays, and costs, until somebody deletes it")
    return tuple(lines)


def afterwards_restore(asked: Asked) -> tuple[str, ...]:
    """What must be supplied or done, since it does not come along; and the repointing where it is done by hand."""
    server = asked.state.server
    if server is None:
        return ()
    lines = []
    if server.private:
        ids = ", ".join(f"{key} {value.rpartition('/')[2]}" for key, value in server.network.items() if "Id" in key)
        lines.append(f"network: the same private access ({ids}); check that its DNS zone knows the new name")
    else:
        lines.append("network: public access; firewall rules do not come along: add them to the new server")
    lines.append("server parameters, private endpoints, alerts, locks and diagnostic settings: set them again")
    if server.entra:
        lines.append("Microsoft Entra administrators do not come along: name them again")
    if server.high_availability not in ("", "Disabled"):
        lines.append(f"high availability ({server.high_availability}) is off on the new server: turn it on")
    if server.tags:
        lines.append(f"tags do not come along: {', '.join(server.tags[:6])}")
    if not repointing(asked):
        lines.append("the service still uses the old server: point it at the new one by hand (see By hand)")
    return tuple(lines)


def repointing_by_hand(asked: Asked) -> tuple[str, ...]:
    """The commands that repoint the service, where no step of the plan does."""
    code = asked.code
    if repointing(asked) or asked.state.server is None or code is None or not code.serving:
        return ()
    source = code.serving[0].name
    suffix = free_suffix(code, code.short(source), "db")
    return by_hand.repoint(asked.settings, asked.schema, new_host(asked), source, suffix)


def _shared(asked: Asked) -> tuple[str, ...]:
    if asked.looked is not None:
        return asked.looked.shared
    return shared_as_written(asked.settings)


def shared_as_written(settings: TargetSettings) -> tuple[str, ...]:
    """The stores whose address is written as the schema's is, while nothing was looked at."""
    own = settings.schema_.url if settings.schema_ is not None else None
    sections = ((name, getattr(settings, key)) for name, key in URLS)
    return tuple(name for name, one in sections if own and one is not None and one.url == own)


def _unread(asked: Asked) -> tuple[str, ...]:
    return (asked.state.unread,) if asked.state.unread else ()


def _lasted(lost: timedelta) -> str:
    minutes = int(lost.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 2880 else f"{minutes // 1440} d"
