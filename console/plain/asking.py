"""Questions as lines: numbered choices, a line of text, and the one that confirms."""

from __future__ import annotations

import random
import sys
import termios
from collections.abc import Sequence

import click

_NUMBERS = random.SystemRandom()


def say(line: str = "") -> None:
    """One line, at once."""
    click.echo(line)
    sys.stdout.flush()


def answer(question: str) -> str:
    """One line as it was typed, without blanks at its ends. Raises EOFError where nobody is there any more."""
    click.echo(f"{question}: ", nl=False)
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()


def choose(question: str, options: Sequence[str], leave: str) -> int | None:
    """The place of the chosen option, counted from 0; None for 0, which is `leave`. Asks again until it is one."""
    say()
    say(question)
    for number, option in enumerate(options, 1):
        say(f"  {number}  {option}")
    say(f"  0  {leave}")
    while True:
        said = answer("Number")
        if said == "0":
            return None
        if said.isdecimal() and 0 < int(said) <= len(options):
            return int(said) - 1
        say(f"There is no {said or 'empty number'}; 0 is to {leave}.")


def wanted_word(typed_name: str) -> str:
    """What confirms: the target's name where it has to be typed, else a digit that nobody can have typed ahead."""
    return typed_name or str(_NUMBERS.randint(0, 9))


def answer_to(question: str) -> str:
    """As `answer`, but what was typed before the question stood is discarded first."""
    click.echo(f"{question}: ", nl=False)
    sys.stdout.flush()
    if sys.stdin.isatty():
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()
