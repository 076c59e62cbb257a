"""How many answers in a row prove that a revision serves."""

from __future__ import annotations

import math
from dataclasses import dataclass

DOUBT = 0.001
LEAST_SHARE = 0.10


def answers_needed(former_share: int) -> int:
    """Answers in a row that rule out, at 0.1 %, that the bad revision still has 10 % or its smaller former share.

    `former_share` is in percent. 66 for 10 % and more; at most 688, for 1 %.
    """
    share = min(LEAST_SHARE, former_share / 100) if former_share > 0 else LEAST_SHARE
    return math.ceil(math.log(DOUBT) / math.log(1 - share))


@dataclass(frozen=True, slots=True)
class Streak:
    """Answers in a row from the intended revision."""

    needed: int
    length: int = 0

    def after(self, right: bool) -> Streak:
        return Streak(self.needed, self.length + 1 if right else 0)

    @property
    def proven(self) -> bool:
        return self.length >= self.needed
