"""Internal ingress: only the environment itself may call the service, so nothing can be asked from here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.probing import Probing
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = "v42 is bad, and its ingress is internal: nothing can be asked from here"
DOMAIN = "mangobeach-7c1d90af.northcentralusstage.azurecontainerapps.invalid"
PROBING = Probing(reachable=False, why="the ingress is internal: its names mean nothing outside its network")


def build(account: Account, now: datetime) -> World:
    releases = (V40, V41, replace(V42, tag="1.5.0-bad"))
    return pharmabot.world("internal-ingress", account, now, releases, external=False, domain=DOMAIN)
