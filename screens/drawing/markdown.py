"""Markdown as lines: headings, lists, prose, and commands broken at their blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from screens.drawing.text import BLANK, Line, Span, Tone, line, wrap

_FENCE = "```"
_HEADING = re.compile(r"#{1,6} +(.*)")
_ITEM = re.compile(r"(\s*)(- \[[ xX]\]|[-*]|\d+\.) +(.*)")
_COMMENT = re.compile(r"<!--.*?-->")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`([^`]+)`")


def markdown(text: str, width: int) -> list[Line]:
    """Lines of at most `width` cells. What is not known as Markdown is shown as it stands."""
    return list(_lines(text, max(width, 10)))


def _lines(text: str, width: int) -> Iterator[Line]:
    paragraph: list[str] = []
    indent, mark, coded = 0, "", False
    for raw in (*text.splitlines(), ""):
        if raw.lstrip().startswith(_FENCE):
            yield from _prose(paragraph, mark, indent, width)
            paragraph, coded, mark, indent = [], not coded, "", 0
        elif coded:
            yield from _command(raw, width)
        elif (heading := _HEADING.fullmatch(raw)) is not None:
            yield from _prose(paragraph, mark, indent, width)
            paragraph, mark, indent = [], "", 0
            yield from (line(Span(row, Tone.TITLE)) for row in wrap(_words(heading[1]), width))
        elif (item := _ITEM.fullmatch(raw)) is not None:
            yield from _prose(paragraph, mark, indent, width)
            paragraph, mark = [item[3]], item[2].replace("- [ ]", "☐").replace("- [x]", "✔")
            indent = min(len(item[1]), 8)
        elif not raw.strip():
            yield from _prose(paragraph, mark, indent, width)
            yield BLANK
            paragraph, mark, indent = [], "", 0
        else:
            paragraph.append(raw.strip())


def _command(raw: str, width: int) -> Iterator[Line]:
    """A line of code with its own indent; what goes on stands two cells further in."""
    code = raw.lstrip(" ")
    lead = " " * (3 + min(len(raw) - len(code), 12))
    for place, row in enumerate(wrap(code, max(width - len(lead) - 2, 10))):
        yield line(lead if place == 0 else f"{lead}  ", Span(row, Tone.LIVE))


def _prose(paragraph: list[str], mark: str, indent: int, width: int) -> Iterator[Line]:
    """A paragraph or a list's item, its rows under each other."""
    words = _words(" ".join(paragraph))
    if not words:
        return
    head = " " * indent + (f"{mark} " if mark else "")
    for place, row in enumerate(wrap(words, max(width - len(head), 10))):
        yield line(head if place == 0 else " " * len(head), row)


def _words(text: str) -> str:
    return _CODE.sub(r"\1", _BOLD.sub(r"\1", _COMMENT.sub("", text))).strip()
