"""The recall questions: stored vectors, and the documents that an index should find for each.

    nearest = 3                        # among how many of the nearest a document must be

    [[questions]]
    name = "ibuprofen"
    text = "How much ibuprofen may an adult take?"
    documents = ["leaflet-ibuprofen-400.md#dosage"]
    [questions.vectors]                # by embedder, since only equals understand each other
    "text-embedding-3-small" = [0.0123, -0.0456]

The console embeds nothing itself: a question without a vector of the embedder is not asked. What a text alone would
find is the golden questions' matter, whose checks of kind `document` go through the service's own embedder.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError

from console.config.section import Section
from console.domain.clean import clean

NEAREST = 5


class QuestionSection(Section):
    """One question as it stands in the file."""

    name: str
    documents: tuple[str, ...] = Field(min_length=1)
    text: str = ""
    vectors: dict[str, tuple[float, ...]] = Field(default_factory=dict)


class RecallSection(Section):
    """The file."""

    questions: tuple[QuestionSection, ...] = Field(min_length=1)
    nearest: int = Field(default=NEAREST, ge=1, le=100)


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked; `unread` says why nothing is."""

    asked: tuple[QuestionSection, ...] = ()
    nearest: int = NEAREST
    unread: str = ""

    def of(self, embedder: str) -> tuple[tuple[QuestionSection, tuple[float, ...]], ...]:
        """The questions that have a vector of that embedder, with it."""
        return tuple((one, one.vectors[embedder]) for one in self.asked if embedder in one.vectors)


def load(path: str | None, home: str) -> Questions:
    """The questions of a file, relative to the configuration's folder; a file that cannot be used asks nothing."""
    if path is None:
        return Questions()
    file = Path(home) / path
    try:
        found = RecallSection.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Questions(unread=f"recall: {clean(path, 120)} does not exist")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Questions(unread=f"recall: {clean(path, 120)} cannot be read: {clean(str(error), 120)}")
    except ValidationError as error:
        first: Mapping[str, object] = dict(error.errors(include_url=False, include_input=False)[0])
        where = ".".join(str(part) for part in (error.errors()[0]["loc"] or ("the file",)))
        return Questions(unread=f"recall: {clean(path, 120)}: {clean(where, 80)}: {clean(str(first['msg']), 120)}")
    return Questions(found.questions, found.nearest)
