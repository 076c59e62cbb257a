"""The commands that do by hand what a plan of the model layer would do: complete, and quoted for a shell.

`az cognitiveservices account deployment create` sends neither the content filter nor the upgrade option, which a PUT
without them resets: the whole body goes through `az rest`
(https://learn.microsoft.com/cli/azure/reference-index#az-rest).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from console.config.settings import TargetSettings
from console.domain.model import ModelState

VERSION = "2025-09-01"


def put(settings: TargetSettings, state: ModelState, name: str, body: Mapping[str, Any]) -> str:
    lines = (f"az rest --method put --url {_url(settings, state, name)}", f"--body {shlex.quote(json.dumps(body))}")
    return " \\\n  ".join(lines)


def delete(settings: TargetSettings, state: ModelState, name: str) -> str:
    return f"az rest --method delete --url {_url(settings, state, name)}"


def _url(settings: TargetSettings, state: ModelState, name: str) -> str:
    path = quote(f"{state.resource_id}/deployments/{name}")
    return shlex.quote(f"{settings.azure.arm}{path}?api-version={VERSION}")
