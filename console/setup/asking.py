"""Questions as plain numbered lines, and nobody who answers them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import click


class Asker(Protocol):
    """Asks a person, or takes what is proposed. `default` counts from 0; below that nothing is proposed."""

    def choose(self, question: str, options: Sequence[str], default: int) -> int: ...

    def ask(self, question: str, default: str) -> str: ...

    def agree(self, question: str) -> bool: ...


class NoAnswer(Exception):
    """A question wants an answer that nobody is there to give; `sentence` says which, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Numbered:
    """Asks on the terminal, a line for each. Enter takes what stands in brackets."""

    def choose(self, question: str, options: Sequence[str], default: int) -> int:
        click.echo(f"\n{question}")
        for number, option in enumerate(options, 1):
            click.echo(f"  {number}  {option}")
        proposed = default + 1 if default >= 0 else None
        return _number(_answer("Number", proposed, click.IntRange(1, len(options)))) - 1

    def ask(self, question: str, default: str) -> str:
        click.echo(f"\n{question}")
        return str(_answer("Answer", default, click.STRING)).strip()

    def agree(self, question: str) -> bool:
        return self.choose(question, ("yes", "no"), 1) == 0


class Proposed:
    """Takes every proposal, and agrees to nothing."""

    def choose(self, question: str, options: Sequence[str], default: int) -> int:
        if default < 0:
            raise NoAnswer(f"{question} Name one with --app. There are: {'; '.join(options)}.")
        return default

    def ask(self, question: str, default: str) -> str:
        return default

    def agree(self, question: str) -> bool:
        return False


def _answer(text: str, default: object, kind: click.ParamType[Any]) -> object:
    try:
        return click.prompt(text, default=default, type=kind)
    except click.Abort:
        raise NoAnswer("Nobody answered; nothing was written.") from None


def _number(answer: object) -> int:
    return answer if isinstance(answer, int) else int(str(answer))
