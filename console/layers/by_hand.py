"""The az commands that do by hand what a plan would do: complete, with the subscription, and nothing abbreviated."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from console.config.settings import TargetSettings
from console.domain.traffic import TrafficEntry


def activate(settings: TargetSettings, revision: str) -> str:
    """https://learn.microsoft.com/cli/azure/containerapp/revision#az-containerapp-revision-activate"""
    return _lines(f"az containerapp revision activate {_where(settings)}", f"--revision {shlex.quote(revision)}")


def set_traffic(settings: TargetSettings, expects: Sequence[TrafficEntry], leaves: Sequence[TrafficEntry]) -> str:
    """https://learn.microsoft.com/cli/azure/containerapp/ingress/traffic#az-containerapp-ingress-traffic-set

    az keeps labels and never drops an entry, so an entry for the latest revision is named `latest`.
    """
    weights = {entry.revision or "latest": entry.weight for entry in reversed(leaves)}
    if any(entry.latest for entry in expects):
        weights["latest"] = 0
    ordered = sorted(weights.items(), key=lambda pair: -pair[1])
    pairs = " ".join(f"{shlex.quote(name)}={weight}" for name, weight in ordered)
    return _lines(f"az containerapp ingress traffic set {_where(settings)}", f"--revision-weight {pairs}")


def _where(settings: TargetSettings) -> str:
    app, group = shlex.quote(settings.code.container_app), shlex.quote(settings.azure.resource_group)
    return f"-n {app} -g {group} \\\n  --subscription {shlex.quote(settings.azure.subscription)}"


def _lines(*parts: str) -> str:
    return " \\\n  ".join(parts)
