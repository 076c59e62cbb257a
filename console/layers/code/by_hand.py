"""The az commands that do by hand what a plan would do: complete, with the subscription, and nothing abbreviated.

https://learn.microsoft.com/cli/azure/containerapp
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from console.config.settings import TargetSettings
from console.domain.traffic import TrafficEntry
from console.layers.code.labels import Move


def activate(settings: TargetSettings, revision: str) -> str:
    return _az(settings, "revision activate", f"--revision {shlex.quote(revision)}")


def deactivate(settings: TargetSettings, revision: str) -> str:
    return _az(settings, "revision deactivate", f"--revision {shlex.quote(revision)}")


def set_traffic(settings: TargetSettings, expects: Sequence[TrafficEntry], leaves: Sequence[TrafficEntry]) -> str:
    """az keeps labels and never drops an entry, so an entry for the latest revision is named `latest`.

    Where the array names a revision that is gone, az would send it along and be refused: the whole array is PATCHed.
    """
    named = {entry.revision for entry in leaves}
    if any(entry.revision and entry.revision not in named for entry in expects):
        return patch_traffic(settings, leaves)
    weights = {entry.revision or "latest": 0 for entry in leaves}
    for entry in leaves:
        weights[entry.revision or "latest"] += entry.weight
    if any(entry.latest for entry in expects):
        weights.setdefault("latest", 0)
    ordered = sorted(weights.items(), key=lambda pair: -pair[1])
    pairs = " ".join(f"{shlex.quote(name)}={weight}" for name, weight in ordered)
    return _az(settings, "ingress traffic set", f"--revision-weight {pairs}")


def patch_traffic(settings: TargetSettings, leaves: Sequence[TrafficEntry]) -> str:
    """https://learn.microsoft.com/cli/azure/reference-index#az-rest"""
    body = {"properties": {"configuration": {"ingress": {"traffic": [entry.wire() for entry in leaves]}}}}
    url = f"{settings.azure.arm}{settings.resource_id}?api-version=2024-03-01"
    return " \\\n  ".join(
        (f"az rest --method patch --url {shlex.quote(url)}", f"--body {shlex.quote(json.dumps(body))}")
    )


def copy_revision(settings: TargetSettings, source: str, suffix: str) -> str:
    return _az(settings, "revision copy", f"--from-revision {shlex.quote(source)}", f"--revision-suffix {suffix}")


def set_mode(settings: TargetSettings, mode: str) -> str:
    return _az(settings, "revision set-mode", f"--mode {mode.lower()}")


def move_label(settings: TargetSettings, move: Move) -> str:
    if move.swapped:
        pair = f"--source {shlex.quote(move.label)} --target {shlex.quote(move.swapped)}"
        return _az(settings, "revision label swap", pair)
    return _az(
        settings, "revision label add", f"--label {shlex.quote(move.label)} --revision {shlex.quote(move.goal)} --yes"
    )


def swap_carrying_label(settings: TargetSettings, move: Move) -> str:
    """Labels mode: az's swap leaves the weights with their revisions, so they are set by label behind it."""
    weights = f"--label-weight {shlex.quote(move.label)}=100 {shlex.quote(move.swapped or '')}=0"
    return f"{move_label(settings, move)}\n{_az(settings, 'ingress traffic set', weights)}"


def _az(settings: TargetSettings, command: str, *options: str) -> str:
    app, group = shlex.quote(settings.code.container_app), shlex.quote(settings.azure.resource_group)
    subscription = f"--subscription {shlex.quote(settings.azure.subscription)}"
    return " \\\n  ".join((f"az containerapp {command} -n {app} -g {group}", subscription, *options))


def new_env_revision(
    settings: TargetSettings, source: str, suffix: str, env: tuple[tuple[str, str, str], ...]
) -> str:
    """https://learn.microsoft.com/cli/azure/containerapp/revision#az-containerapp-revision-copy"""
    app, group = shlex.quote(settings.code.container_app), shlex.quote(settings.azure.resource_group)
    variables = " ".join(shlex.quote(f"{name}={after}") for name, _, after in env)
    return " \\\n  ".join(
        (
            f"az containerapp revision copy -n {app} -g {group}",
            f"--subscription {shlex.quote(settings.azure.subscription)}",
            f"--from-revision {shlex.quote(source)} --revision-suffix {shlex.quote(suffix)}",
            f"--set-env-vars {variables}",
        )
    )
