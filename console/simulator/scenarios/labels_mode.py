"""Labels mode, as recorded in containerapps-labels-mode: weights belong to labels, a revision without one stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.settings import Account
from console.simulator.traffic import Traffic
from console.simulator.world import World

TITLE = "labels mode: production is the bad v42, stage is v41"


def build(account: Account, now: datetime) -> World:
    releases = (V40, V41, replace(V42, tag="1.5.0-bad"))
    traffic = (Traffic(100, V42.revision, label="production"), Traffic(0, V41.revision, label="stage"))
    return pharmabot.world("labels-mode", account, now, releases, traffic, course="production", mode="Labels")
