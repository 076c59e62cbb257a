"""Whether the service can be asked, how fast it answers, and whether it says which revision did."""

from __future__ import annotations

from console.config import ProbeSettings, TargetSettings
from console.domain.code import CodeState
from console.domain.signal import Sample
from console.setup.check import Check, State
from console.signals.probe import Prober

SLOW_S = 2.0
_IDENTITY = (
    'identity = { header = "x-revision" } below [targets.….probe], and the service sends CONTAINER_APP_REVISION'
)


async def service_checks(settings: TargetSettings, prober: Prober, state: CodeState | None) -> tuple[Check, ...]:
    """Asks the service once on the app's own address."""
    if state is None and not settings.probe.url:
        unknown = "the app could not be read, so its address is not known"
        return tuple(Check(*title, State.UNKNOWN, unknown) for title in (_PROBE, _WHO))
    sample = await prober.ask_app(state or _nowhere())
    return probe_check(settings.probe, sample, state), identity_check(settings.probe, sample, state)


_PROBE = ("probe", "ask the service")
_WHO = ("identity", "which revision answered")


def probe_check(probe: ProbeSettings, sample: Sample, state: CodeState | None) -> Check:
    """An address that cannot be reached from here is no fault of the service's."""
    where = f"{probe.url.rstrip('/') if probe.url else ''}{probe.path}"
    if sample.status is None:
        inside = state is not None and not state.external
        told = "its ingress is internal: it cannot be asked from here" if inside else f"no answer: {sample.error}"
        fix = "" if inside else 'name another address: url = "https://…" below [targets.….probe]'
        return Check(*_PROBE, State.UNKNOWN, f"{where}: {told}", fix)
    told = f"{where} answered {sample.status} after {sample.latency}"
    if sample.status in (401, 403):
        return Check(
            *_PROBE, State.UNKNOWN, f"{told}: it does not let us in from here", "headers = { … } of the probe"
        )
    if 400 <= sample.status < 500:
        return Check(*_PROBE, State.FAIL, told, 'path = "/…" of a page that answers 200 when the service is well')
    if sample.status >= 500:
        return Check(*_PROBE, State.WARN, f"{told}: the service is not well now")
    slow = sample.latency_s > SLOW_S
    return Check(*_PROBE, State.WARN if slow else State.PASS, f"{told}{', which is slow' if slow else ''}")


def identity_check(probe: ProbeSettings, sample: Sample, state: CodeState | None) -> Check:
    """Whether a rollback will be proven by the service's own answers."""
    if probe.identity is None:
        return Check(*_WHO, State.WARN, "not configured: a rollback can be carried out, but not proven", _IDENTITY)
    place = probe.identity.header or probe.identity.json_pointer or ""
    if sample.status is None:
        return Check(*_WHO, State.UNKNOWN, f"nothing answered, so {place} was not seen")
    if sample.revision is None:
        return Check(
            *_WHO, State.FAIL, f"the answer has no {place}", f"the service sends CONTAINER_APP_REVISION as {place}"
        )
    if state is None:
        return Check(*_WHO, State.UNKNOWN, f"{place} says {sample.revision}; the revisions could not be read")
    if state.find(sample.revision) is None:
        told = f"{place} says {sample.revision}, which is no revision of this app"
        return Check(*_WHO, State.FAIL, told, f"the service sends CONTAINER_APP_REVISION as {place}")
    return Check(*_WHO, State.PASS, f"{place} says {sample.revision}")


def _nowhere() -> CodeState:
    """An app of which nothing is known; the probe has an address of its own."""
    return CodeState("", "", "", "", "", False, (), (), None)
