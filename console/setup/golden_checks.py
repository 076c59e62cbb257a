"""Whether the service's own exam can be held: the file of golden questions, read with every mistake."""

from __future__ import annotations

from console.domain.failure import Failure
from console.setup.check import Check, State
from console.signals.golden import Examiner

TITLE = "read the golden questions"
FIX = "Mend the file; without it answers are not measured."


async def golden_checks(examiner: Examiner | None) -> tuple[Check, ...]:
    """One check where golden questions are configured; nobody is asked anything."""
    if examiner is None:
        return ()
    try:
        questions = await examiner.questions()
    except Failure as failure:
        return (Check("golden", TITLE, State.FAIL, failure.sentence, FIX),)
    return (Check("golden", TITLE, State.PASS, f"{len(questions)} of them, in {examiner.file.name}"),)
