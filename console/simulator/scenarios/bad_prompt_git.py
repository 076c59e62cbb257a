"""Prompts in git: v42 was deployed for the commit "shorter prompt", whose answers come from memory. All are 200."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.simulator import pharmabot
from console.simulator.pharmabot import V40, V41, V42
from console.simulator.settings import Account
from console.simulator.world import World

TITLE = 'the commit "shorter prompt", deployed as v42, makes every answer wrong, and nothing fails'
IN_GIT = True
VARIABLE = "PROMPT_COMMIT"
OLD, GOOD = replace(V40, env={VARIABLE: "{good}"}), replace(V41, env={VARIABLE: "{innocent}"})
BAD = replace(V42, tag=V41.tag, env={VARIABLE: "{bad}"})


def build(account: Account, now: datetime) -> World:
    """The commits are put in the place of their names when the repository is made."""
    return pharmabot.world("bad-prompt-git", account, now, (OLD, GOOD, BAD))


def past(account: Account, now: datetime) -> World:
    return pharmabot.past(account, now, build(account, now), OLD, GOOD)
