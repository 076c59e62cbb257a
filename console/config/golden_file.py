"""golden.toml: the service's own exam, read with every mistake at once.

```toml
path = "/chat"                            # of every question that names none; also method, headers, timeout_s
[headers]
authorization = "Bearer env:CHAT_TOKEN"

[[question]]
name = "dose of ibuprofen"
json = { question = "How much ibuprofen may an adult take?" }      # or body = "text"
at = "/answer"                            # what contains, lacks and regex look at; the whole body without it
contains = ["400 mg", "day"]              # whatever the case of the letters
lacks = "I cannot"
regex = '\\b1,?200 ?mg\\b'
schema = { type = "object", required = ["answer"] }                # of the whole body
document = "leaflet-ibuprofen"            # this document, or one whose name begins so, is among the sources
sources = "/sources"                      # where those stand
```
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from console.config import headers as sent
from console.config import places
from console.config.load import ConfigError, Mistake
from console.domain.clean import clean
from console.domain.golden import Check, Question
from console.domain.pointer import valid

FEWEST, MOST = 3, 10
LARGEST = 1_000_000

_Method = Literal["GET", "POST", "PUT"]
_Texts = tuple[str, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Asked(_Strict):
    """How something is asked; a question's own keys go before the file's."""

    path: str | None = None
    method: _Method | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    timeout_s: float | None = Field(default=None, gt=0, le=300)

    @field_validator("path")
    @classmethod
    def _rooted(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("/"):
            raise ValueError("a path begins with /")
        return value

    @field_validator("headers")
    @classmethod
    def _sendable(cls, value: dict[str, str]) -> dict[str, str]:
        sent.checked(value)
        return value


class _Question(_Asked):
    name: str = Field(min_length=1, max_length=80)
    json_: Any = Field(default=None, alias="json")
    body: str | None = None
    at: str = ""
    contains: _Texts = ()
    lacks: _Texts = ()
    regex: _Texts = ()
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    document: _Texts = ()
    sources: str = "/sources"

    @field_validator("contains", "lacks", "regex", "document", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("contains", "lacks", "regex", "document")
    @classmethod
    def _something(cls, value: _Texts) -> _Texts:
        if not all(value):
            raise ValueError("an empty text is in every answer")
        return value

    @field_validator("name")
    @classmethod
    def _printable(cls, value: str) -> str:
        if clean(value, len(value)) != value:
            raise ValueError("control, bidirectional and invisible characters are not allowed")
        return value

    @field_validator("at", "sources")
    @classmethod
    def _pointer(cls, value: str) -> str:
        if not valid(value):
            raise ValueError("a JSON pointer begins with /")
        return value

    @field_validator("regex")
    @classmethod
    def _compiles(cls, value: _Texts) -> _Texts:
        for pattern in value:
            try:
                re.compile(pattern)
            except (re.error, RecursionError, OverflowError) as error:
                raise ValueError(f"not a regular expression: {error}") from None
        return value

    @field_validator("schema_")
    @classmethod
    def _is_schema(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None:
            _check_schema(value)
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.json_ is not None and self.body is not None:
            raise ValueError("json or body, not both")
        if not self.checks:
            raise ValueError("it checks nothing: give contains, lacks, regex, schema or document")
        return self

    @property
    def checks(self) -> tuple[Check, ...]:
        texts = (("contains", self.contains), ("lacks", self.lacks), ("regex", self.regex))
        checks = [Check(kind, wanted, self.at) for kind, several in texts for wanted in several]
        checks += [Check("schema", self.schema_)] if self.schema_ is not None else []
        checks += [Check("document", wanted, self.sources) for wanted in self.document]
        return tuple(checks)

    def made(self, shared: _Asked) -> Question:
        body = self.body if self.body is not None else self.json_
        method = self.method or shared.method or ("POST" if body is not None else "GET")
        timeout_s = self.timeout_s or shared.timeout_s or 30.0
        path = self.path or shared.path or "/"
        return Question(self.name, path, self.checks, method, body, {**shared.headers, **self.headers}, timeout_s)


class _File(_Asked):
    question: tuple[_Question, ...]

    @model_validator(mode="after")
    def _an_exam(self) -> Self:
        if not FEWEST <= len(self.question) <= MOST:
            raise ValueError(f"{FEWEST} to {MOST} questions make an exam, not {len(self.question)}")
        names = [question.name for question in self.question]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f'two questions are called "{name}"')
        if self.path is None and any(question.path is None for question in self.question):
            raise ValueError("path is needed: of every question, or once for all above them")
        return self


def load(path: Path) -> tuple[Question, ...]:
    """The questions in the file at `path`. Raises ConfigError with every mistake."""
    shown = clean(str(path), 200)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        text = content.decode()
    except FileNotFoundError:
        raise ConfigError(f"There are no golden questions at {shown}.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{shown} cannot be read: {clean(str(error), 200)}.") from None
    if len(content) > LARGEST:
        raise ConfigError(f"{shown} is larger than golden questions are.")
    return parse(text, shown)


def parse(text: str, name: str = "golden.toml") -> tuple[Question, ...]:
    """The questions in `text`. Raises ConfigError with every mistake, each with its line."""
    try:
        body = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{clean(name)} is not valid TOML: {clean(str(error), 200)}.") from None
    try:
        file = _File.model_validate(body)
    except ValidationError as error:
        lines = places.lines_of(text)
        mistakes = [_mistake(detail, lines, body) for detail in error.errors(include_url=False)]
        ordered = tuple(sorted(mistakes, key=lambda mistake: mistake.line))
        count = "one mistake" if len(ordered) == 1 else f"{len(ordered)} mistakes"
        raise ConfigError(f"{clean(name)} has {count}:", ordered) from None
    return tuple(question.made(file) for question in file.question)


def _check_schema(schema: Mapping[str, Any]) -> None:
    """Raises ValueError for what is not a JSON schema, or would have to be fetched from elsewhere."""
    import jsonschema

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except (jsonschema.SchemaError, RecursionError) as error:
        raise ValueError(f"not a JSON schema: {clean(getattr(error, 'message', 'nested too deeply'), 200)}") from None


def _mistake(detail: ErrorDetails, lines: Mapping[places.Path, int], body: Mapping[str, Any]) -> Mistake:
    path: places.Path = detail["loc"]
    line = places.line_for(path, lines)
    key = clean(_called(path, body), 200)
    match detail["type"]:
        case "extra_forbidden":
            return Mistake(line, key, "unknown key", nearest=_nearest(path))
        case "missing":
            return Mistake(line, key, "this key is needed")
        case "value_error":
            return Mistake(line, key, clean(detail["msg"].removeprefix("Value error, "), 300))
        case _:
            return Mistake(line, key, clean(detail["msg"], 300), found=clean(repr(detail["input"]), 80))


def _called(path: places.Path, body: Mapping[str, Any]) -> str:
    """`question "dose".regex`: a question by its name where it has one."""
    if len(path) < 2 or path[0] != "question" or not isinstance(path[1], int):
        return ".".join(map(str, path))
    questions: Sequence[Any] = body["question"]
    name = questions[path[1]].get("name") if isinstance(questions[path[1]], dict) else None
    called = f'question "{name}"' if isinstance(name, str) and name else f"question {path[1] + 1}"
    return ".".join([called, *map(str, path[2:])])


def _nearest(path: places.Path) -> str:
    model = _Question if len(path) > 1 and path[0] == "question" else _File
    known = [field.alias or name for name, field in model.model_fields.items()]
    close = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.5)
    return close[0] if close else ""
