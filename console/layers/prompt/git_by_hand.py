"""The commands that do by hand what a plan for prompts in git would do: complete, and nothing abbreviated."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from console.config.layer_settings import PromptSettings
from console.config.settings import TargetSettings
from console.domain.code import CodeState
from console.layers.prompt.git_revert import Reverting


def push(settings: TargetSettings, prompts: PromptSettings, reverting: Reverting) -> str:
    """The revert stands in the clone already: it is pushed without hooks and without force."""
    folder = str(Path(settings.home or ".") / Path(prompts.repo or ".").expanduser())
    target = shlex.quote(f"{reverting.commit}:refs/heads/{reverting.branch}")
    return f"git -C {shlex.quote(folder)} push --no-verify {shlex.quote(prompts.remote)} {target}"


def traffic(settings: TargetSettings, code: CodeState, name: str, commit: str) -> str:
    """Asks for the revision that the pipeline made, and gives it the traffic; nothing in single revision mode."""
    if code.mode.lower() == "single":
        return ""
    app, group = shlex.quote(code.app), shlex.quote(settings.azure.resource_group)
    subscription = f"--subscription {shlex.quote(settings.azure.subscription)}"
    value = f"env[?name=='{name}' && value && starts_with('{commit}', value)]"
    query = f"[?properties.template.containers[?{value}]].name | [0]"
    asked = f'"{query}"' if re.fullmatch(r"\w+", name) else shlex.quote(query)
    ask = f"az containerapp revision list -n {app} -g {group} \\\n  {subscription} \\\n  --query {asked} -o tsv"
    others = " ".join(f"{shlex.quote(one.name)}=0" for one in code.serving)
    latest = " latest=0" if any(entry.latest for entry in code.traffic) else ""
    return (
        f"R=$({ask})\n"
        f"az containerapp ingress traffic set -n {app} -g {group} \\\n  {subscription} \\\n"
        f'  --revision-weight "$R"=100 {others}{latest}'
    )


def on_branch(prompts: PromptSettings, commits: Sequence[str]) -> str:
    """The revert on the branch itself, which needs a clean tree of the branch."""
    return f"git revert --no-edit {' '.join(commits)} && git push {shlex.quote(prompts.remote)} HEAD:{prompts.branch}"
