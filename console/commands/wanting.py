"""The options by which `plan` and `rollback` say what is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from console.domain.intent import ALL, FEATURE, Deed, Intent
from console.layers import names

DEEDS = {
    "roll-back": Deed.ROLL_BACK,
    "back-up": Deed.BACK_UP,
    "shadow": Deed.SHADOW,
    "remove-shadow": Deed.REMOVE_SHADOW,
    "drop-index": Deed.DROP_INDEX,
    "switch-off": Deed.SWITCH_OFF,
}

_OPTIONS = (
    click.argument("layer", type=click.Choice([*names(), ALL]), required=False),
    click.option("--to", metavar="VERSION", help="Go back to this version rather than to the chosen good one."),
    click.option("--item", metavar="NAME", help="This prompt, deployment or index, where the layer has several."),
    click.option("--way", help="One of the ways that `plan` lists, rather than the proposed one."),
    click.option("--at", metavar="TIME", help="Schema: restore this moment (RFC 3339, UTC)."),
    click.option("--deed", type=click.Choice(list(DEEDS)), default="roll-back", help="What else may be done."),
)


def wanting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options that make an intent."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def intent_of(
    layer: str | None, to: str | None, item: str | None, way: str | None, at: str | None, deed: str
) -> Intent:
    """What these options want. Without a layer: everything that changed; a version alone is the code's."""
    if DEEDS[deed] is Deed.SWITCH_OFF:
        return Intent(Deed.SWITCH_OFF, FEATURE)
    if layer is None:
        layer = "code" if to or way else ALL
    if to is not None and item is None and "=" in to and layer not in ("code", ALL):
        item, _, to = to.partition("=")
    return Intent(DEEDS[deed], layer, to=to, way=way, item=item, at=at)
