"""What every section of rollback.toml has in common, and how a store's address is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from console.domain.clean import clean

FROM_ENVIRONMENT = "env:"


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, validate_default=True)

    @field_validator("*")
    @classmethod
    def _printable(cls, value: Any) -> Any:
        """Whatever stands in the file may be shown: no name or value can move a cursor or hide."""
        texts = (value,) if isinstance(value, str) else (*value, *value.values()) if isinstance(value, dict) else ()
        if any(isinstance(text, str) and clean(text, len(text)) != text for text in texts):
            raise ValueError("control, bidirectional and invisible characters are not allowed")
        return value


class StoreSection(Section):
    """A database of the service's own: `url` is `env:NAME`, or an address without a password.

    With `entra` the password is a token of the Azure credential. A relative SQLite path is relative to the file.
    """

    url: str | None = None
    entra: bool = False

    @field_validator("url")
    @classmethod
    def _no_secret(cls, value: str | None) -> str | None:
        if value is None or value.startswith(FROM_ENVIRONMENT):
            return value
        if "://" not in value:
            raise ValueError('a url is "env:NAME", postgresql://… or sqlite:///…')
        if urlsplit(value).password:
            raise ValueError('a password never stands in this file: write url = "env:NAME" instead')
        return value

    @model_validator(mode="after")
    def _entra_is_postgresql(self) -> Self:
        if self.entra and (self.url or "").startswith("sqlite"):
            raise ValueError("entra = true wants a PostgreSQL url")
        return self


def resolved(url: str, environment: Mapping[str, str]) -> str:
    """The address that `url` names. Raises KeyError with the variable's name where it is not set."""
    name = url.removeprefix(FROM_ENVIRONMENT)
    return environment[name] if url.startswith(FROM_ENVIRONMENT) else url
