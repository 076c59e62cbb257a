"""From what was found to what is to be written: a few questions, each with a proposal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from console.azure.survey import App
from console.config.settings import SignInSettings, is_loopback
from console.domain.clean import clean, middle
from console.domain.snapshot import Environment
from console.setup.asking import Asker
from console.setup.look import Seen, usual_path
from console.setup.proposals import Proposal, environment_of, evident
from console.setup.text import Choice

Look = Callable[[App, str | None], Awaitable[Seen]]

_ENVIRONMENTS = {
    Environment.PRODUCTION: "production  (begins read-only)",
    Environment.STAGING: "staging",
    Environment.REHEARSAL: "rehearsal  (the embedded Azure)",
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the service is asked, where that is not the app's public address."""

    url: str = ""
    revision_url: str = ""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the command line says about a configuration that is to be written."""

    azure: SignInSettings
    output: Path
    group: str | None = None
    app: str | None = None
    name: str | None = None
    places: Addresses = Addresses()


def choose_app(asker: Asker, proposals: tuple[Proposal, ...]) -> Proposal:
    """Which app; not asked where it is evident. Raises NoAnswer."""
    if len(proposals) == 1:
        return proposals[0]
    proposed = evident(proposals)
    lines = [_told(one) for one in proposals]
    default = proposals.index(proposed) if proposed else -1
    return proposals[asker.choose("Which container app is it about?", lines, default)]


async def interview(
    asker: Asker, proposal: Proposal, wanted: Beginning, look: Look, may_write: bool | None
) -> Choice:
    """Asks what Azure cannot tell; `look` asks the service itself. `may_write` is None where it is not known."""
    environment = _environment(asker, proposal.app, wanted.azure)
    seen = await look(proposal.app, None)
    path = asker.ask(_path_question(seen), seen.path or usual_path(proposal.app))
    path = path if path.startswith("/") else f"/{path}"
    if path not in (seen.path, usual_path(proposal.app)):
        seen = await look(proposal.app, path)
    header, pointer = _identity(asker, seen)
    return Choice(
        name=wanted.name or proposal.app.name,
        environment=environment,
        azure=wanted.azure,
        proposal=proposal,
        path=clean(path, 200),
        header=header,
        pointer=pointer,
        url=wanted.places.url,
        revision_url=wanted.places.revision_url,
        read_only=_read_only(environment, may_write),
    )


def _read_only(environment: Environment, may_write: bool | None) -> str:
    """Why the target begins read-only; nothing where it does not."""
    if environment is Environment.PRODUCTION:
        return "nothing is written to Azure until this line is gone"
    return "this identity may not write the app; see `rollback-console doctor`" if may_write is False else ""


def _environment(asker: Asker, app: App, azure: SignInSettings) -> Environment:
    """An endpoint on loopback is never production, and nothing else is a rehearsal."""
    staged = azure.endpoint is not None and is_loopback(azure.endpoint)
    real = (Environment.PRODUCTION, Environment.STAGING)
    possible = (Environment.REHEARSAL, Environment.STAGING) if staged else real
    proposed = Environment.REHEARSAL if staged else environment_of(app)
    lines = [_ENVIRONMENTS[one] for one in possible]
    return possible[asker.choose(f"What is {app.name}?", lines, possible.index(proposed))]


def _path_question(seen: Seen) -> str:
    told = f"{seen.path} answers well." if seen.path else f"Nothing answered well: {seen.error}."
    return f"Which page says that the service is well? {told}"


def _identity(asker: Asker, seen: Seen) -> tuple[str, str]:
    """A header or a JSON pointer; both empty where the service does not say which revision answered."""
    if not seen.names_itself:
        return _named(asker)
    place = f"in the header {seen.header}" if seen.header else f"in its JSON at {seen.pointer}"
    options = (f"{place}, as it did just now", "it does not say, or not reliably")
    believed = asker.choose("How does it say which revision answered?", options, 0) == 0
    return (seen.header, seen.pointer) if believed else ("", "")


def _named(asker: Asker) -> tuple[str, str]:
    options = ["it does not say", "in a header", "in its JSON answer"]
    match asker.choose("How does it say which revision answered? It did not just now.", options, 0):
        case 1:
            return clean(asker.ask("In which header?", "x-revision"), 80), ""
        case 2:
            return "", clean(asker.ask("Where in the JSON, as a pointer?", "/revision"), 200)
        case _:
            return "", ""


def _told(proposal: Proposal) -> str:
    app = proposal.app
    belongs = [one.item.name for one in proposal.servers] + [one.item.name for one in proposal.accounts]
    with_them = f"  with {', '.join(belongs)}" if belongs else ""
    return middle(f"{app.name}  in {app.group}, {app.mode or 'Single'} mode{with_them}", 110)
