"""The commands that do by hand what a plan for prompts in git would do: complete, and nothing abbreviated."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from console.config.layer_settings import PromptSettings
from console.config.settings import TargetSettings
from console.domain.code import CodeState
from console.layers.prompt.git_revert import Reverting


def revert(settings: TargetSettings, prompts: PromptSettings, reverting: Reverting) -> str:
    """The same revert in a worktree of its own, pushed to the same branch, without hooks and without force."""
    git = f"git -C {shlex.quote(_folder(settings, prompts))} -c core.hooksPath=/dev/null"
    tree = 'git -C "$T/tree" -c core.hooksPath=/dev/null'
    target = shlex.quote(f"HEAD:refs/heads/{reverting.branch}")
    lines = ["T=$(mktemp -d)", f'{git} worktree add --detach "$T/tree" {reverting.base}']
    for one in reverting.commits:
        mainline = f" --mainline {reverting.parent}" if len(one.parents) > 1 and reverting.parent else ""
        lines.append(f"{tree} revert --no-edit{mainline} {one.sha}")
    lines.append(f"{tree} push {shlex.quote(prompts.remote)} {target}")
    return "\n".join((*lines, f'{git} worktree remove --force "$T/tree"'))


def traffic(settings: TargetSettings, code: CodeState, name: str, commit: str) -> str:
    """Asks for the revision that the pipeline made, and gives it the traffic; nothing in single revision mode."""
    if code.mode.lower() == "single":
        return ""
    app, group = shlex.quote(code.app), shlex.quote(settings.azure.resource_group)
    subscription = f"--subscription {shlex.quote(settings.azure.subscription)}"
    value = f"env[?name=='{name}' && value && starts_with('{commit}', value)]"
    query = f"[?properties.template.containers[?{value}]].name | [0]"
    ask = f"az containerapp revision list -n {app} -g {group} {subscription} --query {shlex.quote(query)} -o tsv"
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


def _folder(settings: TargetSettings, prompts: PromptSettings) -> str:
    from pathlib import Path

    return str(Path(settings.home or ".") / Path(prompts.repo or ".").expanduser())
