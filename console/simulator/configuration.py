"""The rollback.toml that points the console at a stage."""

from __future__ import annotations

import json

from console.simulator.scenarios import SCENARIOS
from console.simulator.server import Addresses

TEMPLATE = """\
# A rehearsal: everything here points at the embedded Azure on this machine. Nothing real can be reached or changed.
# Scenario {scenario}: {title}.
default_target = {name}

[targets.{key}]
environment = "rehearsal"

[targets.{key}.azure]
subscription = {subscription}
resource_group = {group}
credential = "rehearsal"                  # a fixed token; no secret
endpoint = {arm}

[targets.{key}.code]
container_app = {name}

[targets.{key}.probe]
path = "/chat"                            # the health pages cannot see this failure; a chat can
url = {app}
revision_url = {revision_url}
identity = {{ header = "x-revision" }}      # the service says which revision answered
every_s = 0.25

[[targets.{key}.signals]]
name = "5xx"
source = "probe"
unit = "%"

[[targets.{key}.triggers]]
signal = "5xx"
above = 5
for_s = 15
min_count = 20
severity = "hard"
"""


def rehearsal_config(addresses: Addresses, *, scenario: str) -> str:
    """The text of a commented rollback.toml for a stage at these addresses."""
    return TEMPLATE.format(
        scenario=scenario,
        title=SCENARIOS.get(scenario, "a scenario of its own"),
        key=addresses.container_app,
        name=_text(addresses.container_app),
        subscription=_text(addresses.subscription),
        group=_text(addresses.resource_group),
        arm=_text(addresses.arm),
        app=_text(addresses.app),
        revision_url=_text(f"{addresses.app}/-/revisions/{{revision}}"),
    )


def _text(value: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(value)
