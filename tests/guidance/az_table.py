"""What az's commands really take, as `az COMMAND -h` says it; `python -m tests.guidance.az_table` writes it anew."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parents[1] / "data" / "az_arguments.json"
COMMANDS = (
    "cognitiveservices account deployment create",
    "cognitiveservices account deployment list",
    "cognitiveservices account deployment show",
    "cognitiveservices model list",
    "containerapp ingress traffic set",
    "containerapp ingress traffic show",
    "containerapp revision activate",
    "containerapp revision copy",
    "containerapp revision deactivate",
    "containerapp revision label add",
    "containerapp revision label swap",
    "containerapp revision list",
    "containerapp revision set-mode",
    "containerapp revision show",
    "containerapp secret set",
    "containerapp show",
    "containerapp update",
    "monitor activity-log list",
    "postgres flexible-server backup create",
    "postgres flexible-server backup list",
    "postgres flexible-server restore",
    "postgres flexible-server show",
    "postgres flexible-server virtual-endpoint create",
    "postgres flexible-server virtual-endpoint delete",
    "rest",
)
ARGUMENT = re.compile(r"^    ((?:--?[a-z][\w-]*)(?: --?[a-z][\w-]*)*)((?: +\[[A-Z][a-z]+\])*)\s*:")
VERSION = re.compile(r'"azure-cli": "([^"]+)"')


def read(az: str, command: str) -> dict[str, Any]:
    """Every argument by each of its names: whether it is required, and whether az calls it deprecated."""
    told = _said(az, *command.split(), "-h")
    found: dict[str, Any] = {}
    for line in told.splitlines():
        argument = ARGUMENT.match(line)
        if argument is not None:
            names = sorted(argument[1].split(), key=len)
            said = {"names": names, "required": "[Required]" in line, "deprecated": "[Deprecated]" in line}
            found[names[-1]] = said
    return found


def table(az: str) -> dict[str, Any]:
    """The whole table, with the version of az that told it."""
    version = VERSION.search(_said(az, "version", "-o", "json"))
    commands = {command: read(az, command) for command in COMMANDS}
    return {"azure-cli": version[1] if version else "", "commands": commands}


def kept() -> dict[str, Any]:
    """The table as it was last written."""
    return dict(json.loads(TABLE.read_text(encoding="utf-8")))


def _said(az: str, *words: str) -> str:
    environment = {**os.environ, "COLUMNS": "400", "AZURE_CORE_COLLECT_TELEMETRY": "false"}
    done = subprocess.run([az, *words], capture_output=True, text=True, env=environment, timeout=120, check=True)
    return done.stdout


if __name__ == "__main__":
    installed = os.environ.get("ROLLBACK_AZ") or shutil.which("az") or "az"
    told = table(installed)
    rows = ",\n    ".join(
        f"{json.dumps(name)}: {{\n      "
        + ",\n      ".join(f"{json.dumps(argument)}: {json.dumps(said)}" for argument, said in one.items())
        + "\n    }"
        for name, one in told["commands"].items()
    )
    TABLE.write_text(
        f'{{\n  "azure-cli": {json.dumps(told["azure-cli"])},\n  "commands": {{\n    {rows}\n  }}\n}}\n',
        encoding="utf-8",
    )
