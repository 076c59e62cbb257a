"""What was observed: stretches of time in which one bundle served, and the gaps between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.bundle import Bundle
from console.domain.change import Gap

PAUSE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` to `until` this bundle served.

    `looks` observations asked for the answers' quality, `measured` of them found it; `breached` saw a signal over
    its limit.
    """

    bundle: Bundle
    since: datetime
    until: datetime
    looks: int = 0
    measured: int = 0
    breached: int = 0

    @property
    def lasted_s(self) -> float:
        return (self.until - self.since).total_seconds()

    def proved(self, least_s: float) -> bool:
        """Measured throughout, never breached, and for long enough to say so."""
        return self.lasted_s >= least_s and self.breached == 0 and 0 < self.looks == self.measured


def proved(spans: Sequence[Span], least_s: float) -> dict[str, datetime]:
    """Until when each version served in a proved bundle, by the names under which marks know versions."""
    found: dict[str, datetime] = {}
    for span in spans:
        if span.proved(least_s):
            for facet in span.bundle.facets:
                key = facet.version if facet.layer == "code" else f"{facet.item} {facet.version}"
                found[key] = span.until
    return found


def gaps(spans: Sequence[Span], now: datetime) -> tuple[Gap, ...]:
    """The stretches between observations, and up to now, in which nobody looked; oldest first."""
    found = []
    for index, span in enumerate(spans):
        following = spans[index + 1].since if index + 1 < len(spans) else now
        if following - span.until > PAUSE:
            found.append(Gap(span.until, following))
    return tuple(found)


def at(spans: Sequence[Span], moment: datetime) -> Span | None:
    """The stretch that holds `moment`, or the last one before it."""
    before = [span for span in spans if span.since <= moment]
    return before[-1] if before else None


def began(
    spans: Sequence[Span], layer: str, item: str, version: str | None
) -> tuple[datetime | None, datetime | None]:
    """Between which two looks `item` came to its present `version`: the last without it, and the first with it.

    Both are None where that was never observed; the first is None where it was so from the first look on.
    """
    without: datetime | None = None
    first: datetime | None = None
    for span in spans:
        facet = span.bundle.find(layer, item)
        if (facet.version if facet else None) == version:
            first = first or span.since
        else:
            without, first = span.until, None
    return (without, first) if first is not None else (None, None)
