"""Runbooks: one Markdown file per leaf of the decision tree, with front matter; ours, or a team's own of that name.

    ---
    leaf: code.traffic_shift
    title: Move the traffic back to the previous good revision
    layer: code
    risk: reversible
    expected_duration: 15 s to configured, 30 s to verified
    plan: code
    aftercare:
      - Deactivate the bad revision.
    ---

`plan` names the console's plan; where there is none, `manual: true` stands instead, and the text has steps to check
off (`- [ ] …`). In the text `{good_revision}` is a placeholder. What stands between `<!-- exact -->` and
`<!-- /exact -->` gives way to the plan's own commands; between `<!-- only: sqlite -->` and `<!-- /only -->` stands
what concerns only such targets. Both are invisible in a browser. Nothing here runs anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from console.config.settings import TargetSettings
from console.domain.clean import clean, clean_block
from console.domain.plan import Risk
from console.guidance.placeholders import ONLY, Names, put

OURS = Path(__file__).resolve().parents[2] / "runbooks"
LAYERS = ("code", "prompt", "model", "embedding", "schema", "feature", "gateway", "none")
KEYS = ("leaf", "title", "layer", "risk", "expected_duration", "plan", "manual", "aftercare")
NEEDED = ("leaf", "title", "layer", "risk", "expected_duration", "aftercare")
FENCE = "---"
MOST = 100_000
LEFT_OUT = frozenset({"readme"})
_KEY = re.compile(r"([a-z_]+):(?:\s+(.*))?")
_ITEM = re.compile(r"\s+-\s+(.+)")
_ONLY = re.compile(r"<!-- only: ([a-z ]+?) -->")
_STEP = re.compile(r"\s*- \[ \] (.+)")
_EXACT, _END_EXACT, _END_ONLY = "<!-- exact -->", "<!-- /exact -->", "<!-- /only -->"


@dataclass(frozen=True, slots=True)
class Runbook:
    """`name` is the file's without `.md`. `text` is what follows the front matter, cleaned."""

    name: str
    leaf: str
    title: str
    layer: str
    risk: Risk
    expected_duration: str
    plan: str
    manual: bool
    aftercare: tuple[str, ...]
    text: str
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Shelf:
    """All runbooks by name. `mistakes` says what is wrong with files that are not among them, each with its line."""

    runbooks: Mapping[str, Runbook]
    mistakes: tuple[str, ...] = ()

    def of(self, leaf: str) -> Runbook | None:
        """The runbook of a leaf."""
        return next((one for one in self.runbooks.values() if one.leaf == leaf), None)


@dataclass(frozen=True, slots=True)
class Filled:
    """A runbook for one target now. `missing` says of every placeholder that stays, as `<name>`, why it does."""

    text: str
    missing: tuple[tuple[str, str], ...] = ()

    @property
    def steps(self) -> tuple[str, ...]:
        """What a person checks off."""
        return tuple(found[1] for line in self.text.splitlines() if (found := _STEP.fullmatch(line)))


def folder_of(settings: TargetSettings) -> Path | None:
    """The team's own folder, where one is configured."""
    return Path(settings.home or ".") / settings.runbooks if settings.runbooks else None


def shelf(own: Path | None = None) -> Shelf:
    """Our runbooks, each replaced by the team's of its name. A file of the team's that is wrong replaces none."""
    found: dict[str, Runbook] = {}
    mistakes: list[str] = []
    if own is not None and not own.is_dir():
        mistakes.append(f"there is no folder {clean(str(own))}: the runbooks that come with the console are used")
    for folder in (OURS, own):
        for path in sorted(folder.glob("*.md")) if folder is not None else ():
            if path.stem.lower() in LEFT_OUT:
                continue
            try:
                one, wrong = parse(path.stem, _read(path), ours=folder is OURS)
            except (OSError, ValueError) as error:
                one, wrong = None, (f"{clean(path.name)} cannot be read: {clean(str(error), 200)}",)
            mistakes += wrong
            if one is not None:
                found[one.name] = one
    return Shelf(found, tuple(mistakes))


def parse(name: str, text: str, ours: bool = True) -> tuple[Runbook | None, tuple[str, ...]]:
    """The runbook in `text`, or every mistake in it: `NAME.md, line 3: …`."""
    lines = clean_block(text, MOST).splitlines()
    end = next((place for place, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), 0)
    if not lines or lines[0].rstrip() != FENCE or not end:
        return None, (f"{clean(name)}.md, line 1: a runbook begins with its front matter, between two lines of ---",)
    values, listed, places, wrong = _front(lines[1:end])
    wrong += _amiss(values, listed, places, end + 1)
    wrong += _marks(lines, end + 1)
    body = "\n".join(lines[end + 1 :]).strip() + "\n"
    manual = values.get("manual") == "true"
    if manual and not any(_STEP.fullmatch(line) for line in lines[end + 1 :]):
        wrong.append((end + 1, "manual: true wants steps to check off in the text: - [ ] …"))
    if wrong:
        return None, tuple(f"{clean(name)}.md, line {line}: {said}" for line, said in sorted(wrong))
    return Runbook(
        name=name,
        leaf=values["leaf"],
        title=values["title"],
        layer=values["layer"],
        risk=Risk(values["risk"]),
        expected_duration=values["expected_duration"],
        plan=values.get("plan", ""),
        manual=manual,
        aftercare=tuple(listed),
        text=body,
        ours=ours,
    ), ()


def filled(runbook: Runbook, names: Names, by_hand: str = "") -> Filled:
    """The text with the names of now; `by_hand` are the commands of the plan beside it, where there is one."""
    missing: dict[str, str] = {}
    lines = [
        put(line, names, in_code, missing)
        for line, in_code in _coded(_kept(runbook.text.splitlines(), names.facts, by_hand))
    ]
    shown = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return Filled(shown.replace(_BY_HAND, clean_block(by_hand, MOST)) + "\n", tuple(missing.items()))


_BY_HAND = "\x00"


def _read(path: Path) -> str:
    if path.stat().st_size > MOST:
        raise ValueError(f"it is longer than {MOST} bytes")
    return path.read_text(encoding="utf-8")


def _front(lines: Sequence[str]) -> tuple[dict[str, str], list[str], dict[str, int], list[tuple[int, str]]]:
    """Keys with their values and lines, the aftercare, and what is wrong; the first line is line 2 of the file."""
    values: dict[str, str] = {}
    listed: list[str] = []
    places: dict[str, int] = {}
    wrong: list[tuple[int, str]] = []
    for place, line in enumerate(lines, 2):
        item, key = _ITEM.fullmatch(line.rstrip()), _KEY.fullmatch(line.rstrip())
        if not line.strip():
            continue
        if item is not None and next(reversed(places), "") == "aftercare":
            listed.append(item[1])
        elif key is None:
            wrong.append((place, "this is neither `key: value` nor an item of aftercare, `  - …`"))
        elif key[1] not in KEYS:
            wrong.append((place, f"{key[1]} is no key: there are {', '.join(KEYS)}"))
        elif key[1] in places:
            wrong.append((place, f"{key[1]} stands already on line {places[key[1]]}"))
        else:
            places[key[1]], values[key[1]] = place, (key[2] or "").strip()
    return values, listed, places, wrong


def _amiss(
    values: Mapping[str, str], listed: Sequence[str], places: Mapping[str, int], end: int
) -> list[tuple[int, str]]:
    """What is missing, or holds a word that it may not."""
    wrong = [(end, f"{key} is missing") for key in NEEDED if key not in values]
    wrong += [(places[key], f"{key} is empty") for key in values if key != "aftercare" and not values[key]]
    if values.get("aftercare"):
        wrong.append((places["aftercare"], "aftercare is a list: each item on a line of its own, `  - …`"))
    elif "aftercare" in values and not listed:
        wrong.append((places["aftercare"], "aftercare is empty: a rollback is not the end"))
    allowed = {"layer": LAYERS, "risk": tuple(Risk), "manual": ("true",)}
    for key, known in allowed.items():
        if values.get(key) and values[key] not in known:
            wrong.append((places[key], f"{key} is {values[key]}, and must be {' or '.join(known)}"))
    if ("plan" in values) == ("manual" in values):
        wrong.append((places.get("manual", end), "either plan or manual: true must be there, and not both"))
    return wrong


def _marks(lines: Sequence[str], first: int) -> list[tuple[int, str]]:
    """What is wrong with the marks in the text: they must be known, closed, and outside of each other's kind."""
    wrong: list[tuple[int, str]] = []
    opened: list[str] = []
    for place, line in enumerate(lines[first:], first + 1):
        mark = line.strip()
        only = _ONLY.fullmatch(mark)
        if only is not None:
            wrong += [(place, f"only: {word} is not known") for word in only[1].split() if word not in ONLY]
            opened.append(_END_ONLY)
        elif mark == _EXACT:
            opened.append(_END_EXACT)
        elif mark in (_END_ONLY, _END_EXACT) and (not opened or opened.pop() != mark):
            wrong.append((place, f"{mark} closes nothing"))
    return wrong + [(len(lines), f"{mark} is missing") for mark in opened]


def _kept(lines: Sequence[str], facts: Mapping[str, str], by_hand: str) -> Iterator[str]:
    """The lines that concern this target, without the marks."""
    hidden: list[bool] = []
    replaced = False
    for line in lines:
        mark = line.strip()
        only = _ONLY.fullmatch(mark)
        if only is not None:
            hidden.append(any(facts.get(ONLY[word], word) != word for word in only[1].split()))
        elif mark == _END_ONLY:
            hidden.pop()
        elif mark == _EXACT:
            replaced = bool(by_hand)
            yield from ("```sh", _BY_HAND, "```") if replaced else ()
        elif mark == _END_EXACT:
            replaced = False
        elif not replaced and not any(hidden):
            yield line


def _coded(lines: Iterator[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it stands in a block of code."""
    inside = False
    for line in lines:
        fence = line.lstrip().startswith("```")
        inside = inside != fence
        yield line, inside and not fence
