"""What changed: the present bundle, its record, the baseline and the suspects, from one reading of all layers."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from console.config.settings import TargetSettings
from console.domain.baseline import Pick, chosen
from console.domain.bundle import Bundle, Facet
from console.domain.change import Baseline, Change, Changes, Gap, Written
from console.domain.changes import Memory, changes
from console.domain.code import CodeState
from console.domain.comparison import Comparison
from console.domain.good import History
from console.domain.observed import Span, gaps, proved
from console.domain.signal import SignalReading, SignalState
from console.domain.snapshot import Layer, LayerStatus
from console.domain.suspects import Evidence, rank
from console.layers import kind_of, names
from console.record.bundles import Bundles, Look
from console.record.database import RecordError
from console.record.run_log import RunLog


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read at one moment: every layer, every signal, and what is known beside them."""

    at: datetime
    layers: Mapping[str, Layer[Any]]
    signals: tuple[SignalReading, ...] = ()
    history: History = field(default_factory=History)
    began: datetime | None = None
    comparison: Comparison | None = None
    writes: tuple[Written, ...] = ()
    own: tuple[datetime, ...] = ()


class Changed:
    """Keeps the observed bundles of one target. A record that takes nothing must not blind anybody."""

    def __init__(self, settings: TargetSettings, log: RunLog | None) -> None:
        self._settings = settings
        self._bundles = Bundles(log) if log is not None else None
        self._facets: dict[str, tuple[Any, Any, tuple[Facet, ...]]] = {}
        self._proved: tuple[tuple[Span, ...], dict[str, datetime]] | None = None
        self.pick: Pick | None = None

    def bundle(self, layers: Mapping[str, Layer[Any]]) -> Bundle:
        """What serves, as far as every configured layer could be read."""
        code = layers["code"].state if "code" in layers else None
        facets: list[Facet] = []
        unread = []
        for name in names():
            if not kind_of(name).configured(self._settings):
                continue
            state = layers[name].state if name in layers else None
            if state is None or getattr(state, "blind", False):
                unread.append(name)
            else:
                facets.extend(self._of(name, state, code))
        return Bundle.made(facets, unread)

    def spans(self) -> tuple[Span, ...]:
        """What was observed, oldest first; nothing where the record cannot be read."""
        with contextlib.suppress(RecordError):
            return self._bundles.spans() if self._bundles else ()
        return ()

    def proved(self) -> dict[str, datetime]:
        """Until when each version served in a proved bundle; reckoned anew only where there are new looks."""
        spans = self.spans()
        if self._proved is None or self._proved[0] is not spans:
            self._proved = (spans, proved(spans, self._settings.changes.proved_after_min * 60))
        return self._proved[1]

    def note(self, reading: Reading) -> None:
        """Records what serves, where every layer could be read."""
        bundle = self.bundle(reading.layers)
        if self._bundles is None or not bundle.whole or not bundle.facets or _stale(reading.layers):
            return
        look = Look(reading.at, _measured(self._settings, reading.signals), _breached(reading.signals))
        with contextlib.suppress(RecordError):
            self._bundles.saw(bundle, look)

    def tell(self, reading: Reading) -> tuple[Bundle, Changes]:
        """The present bundle, and what changed since the baseline, best explanation first."""
        present, spans = self.bundle(reading.layers), self.spans()
        least_s = self._settings.changes.proved_after_min * 60
        baseline = chosen(spans, present, reading.history, least_s, self.pick)
        since = (reading.began or reading.at) - timedelta(days=self._settings.changes.look_back_d)
        memory = Memory(spans, reading.writes, reading.own, _deployed(reading.layers))
        found = changes(present, baseline, memory, since)
        found = tuple(_configured_only(change, reading.layers, self._settings) for change in found)
        ranked = rank(found, _evidence(reading, self._settings))
        unread = tuple(sorted({*present.unread, *_stale(reading.layers)}))
        return present, Changes(baseline, ranked, _gaps(spans, baseline, reading.at), unread)

    def _of(self, name: str, state: Any, code: CodeState | None) -> tuple[Facet, ...]:
        """A layer's facets, made anew only where its state is another."""
        known = self._facets.get(name)
        if known is None or known[0] is not state or known[1] is not code:
            known = (state, code, kind_of(name).facets(state, code))
            self._facets[name] = known
        return known[2]


def _stale(layers: Mapping[str, Layer[Any]]) -> tuple[str, ...]:
    """The layers whose last reading failed: what they say is of an earlier moment."""
    return tuple(name for name, one in layers.items() if one.status is LayerStatus.STALE)


def _measured(settings: TargetSettings, signals: Sequence[SignalReading]) -> bool | None:
    """Whether all signals that measure the answers' quality have a value; None where none of them was asked."""
    quality = {signal.name for signal in settings.signals if signal.measures_quality}
    found = [reading for reading in signals if reading.name in quality]
    told = (SignalState.OK, SignalState.BREACHED)
    if not quality:
        return False
    return None if all(reading.at is None for reading in found) else all(reading.state in told for reading in found)


def _breached(signals: Sequence[SignalReading]) -> bool:
    return any(reading.state is SignalState.BREACHED for reading in signals)


def _evidence(reading: Reading, settings: TargetSettings) -> Evidence:
    breached = [one for one in reading.signals if one.state is SignalState.BREACHED]
    since = [one.since for one in breached if one.since is not None]
    wrong = any(one.source == "golden" for one in breached)
    return Evidence(
        began=reading.began or min(since, default=None),
        failing=any(one.source != "golden" for one in breached),
        wrong=wrong,
        comparison=reading.comparison,
        trouble=_trouble(reading.layers),
        now=reading.at.replace(second=0, microsecond=0),
        seen=reading.began is None,
        bound=frozenset({"code", "prompt"} if settings.prompt and settings.prompt.mode == "git" else {"code"}),
    )


def _trouble(layers: Mapping[str, Layer[Any]]) -> dict[str, str]:
    """What a layer says is wrong with itself."""
    code = layers["code"].state if "code" in layers else None
    found = {}
    for name, one in layers.items():
        said = kind_of(name).trouble(one.state, code) if one.state is not None else ""
        if said:
            found[name] = said
    return found


def _deployed(layers: Mapping[str, Layer[Any]]) -> tuple[datetime, ...]:
    """When the revisions that still exist were deployed, which explains the writes that did it."""
    code = layers["code"].state if "code" in layers else None
    return tuple(revision.created for revision in code.revisions if revision.created) if code else ()


def _configured_only(change: Change, layers: Mapping[str, Layer[Any]], settings: TargetSettings) -> Change:
    """Marks a code change that is only one of its configuration, and what that configuration names."""
    code: CodeState | None = layers["code"].state if "code" in layers else None
    if change.layer != "code" or code is None or not change.before or not change.after:
        return change
    before, after = code.find(change.before), code.find(change.after)
    if before is None or after is None or before.image != after.image or before.env == after.env:
        return change
    old, new = dict(before.env), dict(after.env)
    names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    return replace(change, config=True, carries=_named(names, settings))


def _named(names: set[str], settings: TargetSettings) -> str:
    """The layer whose version is all that these env names hold; empty where they hold anything else."""
    expects = settings.code.expects_env
    layers = {expects.get("model"): "model", expects.get("embedder"): "embedding", expects.get("schema"): "schema"}
    if settings.prompt is not None and settings.prompt.commit:
        layers[settings.prompt.commit] = "prompt"
    found = {layers.get(name, "") for name in names}
    return found.pop() if len(found) == 1 else ""


def _gaps(spans: Sequence[Span], baseline: Baseline, now: datetime) -> tuple[Gap, ...]:
    """The unobserved stretches since the baseline."""
    since = baseline.at
    return tuple(gap for gap in gaps(spans, now) if since is None or gap.until > since)
