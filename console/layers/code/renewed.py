"""A copy of a revision that serves, with another env: how what a revision names goes back through the code."""

from __future__ import annotations

from console.config.settings import TargetSettings
from console.domain.code import CodeState, Revision
from console.domain.traffic import pinned
from console.layers.code import by_hand
from console.layers.code.ways import former_share
from console.steps.new_env_revision import NewEnvRevision, share_of_new
from console.steps.prove_serving import ProveServing
from console.steps.shift_traffic import ShiftTraffic
from console.steps.step import Step

Changes = tuple[tuple[str, str, str], ...]


def copied(
    settings: TargetSettings, code: CodeState, source: Revision, changes: Changes, layer: str, stem: str
) -> NewEnvRevision:
    """A copy of `source` with `changes` of its env: name, value before, value after. `stem` is part of its name."""
    suffix = free_suffix(code, code.short(source.name), stem)
    return NewEnvRevision(
        app=code.app,
        source=source.name,
        source_short=code.short(source.name),
        template=source.template,
        image=source.image,
        latest=code.latest or "",
        mode=code.mode,
        target=f"{code.app}--{suffix}",
        short=suffix,
        env=changes,
        share=share_of_new(code),
        layer=layer,
        command=by_hand.new_env_revision(settings, source.name, suffix, changes),
    )


def serving(settings: TargetSettings, code: CodeState, made: NewEnvRevision) -> tuple[Step, ...]:
    """All traffic on the copy, unless Azure gives it that by itself, and the proof that it serves."""
    share = former_share(code, made.target)
    proof = ProveServing(made.target, made.short, share, settings.probe.identity is not None)
    return (proof,) if made.turns else (_shifted(settings, code, made), proof)


def free_suffix(code: CodeState, short: str, stem: str) -> str:
    """`v42-model1`, or the next number that is free; a copy of a copy does not grow."""
    base = short.rpartition(f"-{stem}")[0] or short
    taken = {code.short(one.name) for one in code.revisions}
    number = next(number for number in range(1, 1000) if f"{base}-{stem}{number}" not in taken)
    return f"{base}-{stem}{number}"


def _shifted(settings: TargetSettings, code: CodeState, made: NewEnvRevision) -> ShiftTraffic:
    """By the time of this step the copy is the latest revision."""
    existing = {one.name for one in code.revisions} | {made.target}
    leaves = pinned(code.traffic, made.target, made.target, existing)
    command = by_hand.set_traffic(settings, code.traffic, leaves)
    title = f"traffic → {made.short} 100 %"
    return ShiftTraffic(code.app, made.target, made.short, code.mode, code.traffic, leaves, command, title)
