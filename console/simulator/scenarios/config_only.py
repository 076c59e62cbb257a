"""A change of configuration alone: v42 runs the image of v41, and asks a deployment that answers wrongly."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "v42 runs the same image as v41, and a changed setting makes it bad"
CHANGED = {"AOAI_DEPLOYMENT": "gpt4o-mini-broken", "MODEL_TEMPERATURE": "1.8"}


def build(account: Account, now: datetime) -> World:
    releases = (V40, V41, replace(V42, tag=V41.tag, env=CHANGED))
    return pharmabot.world("config-only", account, now, releases)
