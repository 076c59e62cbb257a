"""The settings themselves: every key of rollback.toml with its type and default."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import shlex
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from console.config.layer_settings import (
    CallsSettings,
    EmbeddingSettings,
    GoldenSettings,
    ModelSettings,
    PromptSettings,
    SchemaSettings,
)
from console.config.section import Section
from console.config.signal_settings import SignalSettings, TriggerSettings, check_signals
from console.domain.signal import Trigger
from console.domain.snapshot import Environment

_CLOUDS = {
    "public": "https://management.azure.com",
    "china": "https://management.chinacloudapi.cn",
    "government": "https://management.usgovcloudapi.net",
}
_AUTHORITIES = {
    "public": "login.microsoftonline.com",
    "china": "login.chinacloudapi.cn",
    "government": "login.microsoftonline.us",
}
_REHEARSAL_TOKEN = re.compile(r"rehearsal(-[a-z]{1,20})?")


class SignInSettings(Section):
    """As whom to speak to Azure, and to which Azure. `rehearsal_token` is a word that the embedded Azure knows."""

    subscription: str = Field(min_length=1)
    tenant: str | None = None
    credential: Literal[
        "cli", "device-code", "managed-identity", "workload-identity", "environment", "default", "rehearsal"
    ] = "cli"
    cloud: Literal["public", "china", "government"] = "public"
    endpoint: str | None = None
    ca: str | None = None
    rehearsal_token: str | None = None

    @field_validator("endpoint")
    @classmethod
    def _loopback_only(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("an endpoint begins with http:// or https://")
        if value is not None and not is_loopback(value) and value.rstrip("/") not in _CLOUDS.values():
            raise ValueError("an endpoint other than Azure's own clouds is allowed on loopback only")
        return value

    @field_validator("rehearsal_token")
    @classmethod
    def _no_secret(cls, value: str | None) -> str | None:
        if value is not None and not _REHEARSAL_TOKEN.fullmatch(value):
            raise ValueError('rehearsal_token is "rehearsal", or "rehearsal-" and one word: never a secret')
        return value

    @model_validator(mode="after")
    def _rehearsal_stays_home(self) -> Self:
        if self.credential == "rehearsal" and (self.endpoint is None or not is_loopback(self.endpoint)):
            raise ValueError('credential = "rehearsal" wants an endpoint on loopback')
        if self.ca is not None and (self.endpoint is None or not is_loopback(self.endpoint)):
            raise ValueError("ca, an authority of its own, is for an endpoint on loopback only")
        if self.rehearsal_token is not None and self.credential != "rehearsal":
            raise ValueError('rehearsal_token wants credential = "rehearsal"')
        return self

    @property
    def arm(self) -> str:
        """The base address of Azure Resource Manager, without a trailing slash."""
        return (self.endpoint or _CLOUDS[self.cloud]).rstrip("/")

    @property
    def scope(self) -> str:
        """The token's scope."""
        return f"{_CLOUDS[self.cloud]}/.default"

    @property
    def authority(self) -> str:
        """The host of Microsoft Entra ID where this cloud signs in."""
        return _AUTHORITIES[self.cloud]


class AzureSettings(SignInSettings):
    """Where the target lives, and as whom to read and write it."""

    resource_group: str = Field(min_length=1)


class CodeSettings(Section):
    """The container app whose revisions are the code layer."""

    container_app: str = Field(min_length=1)
    expects_env: dict[str, str] = Field(default_factory=dict)


class IdentitySettings(Section):
    """How the service says which revision answered: a response header, or a JSON pointer into the body."""

    header: str | None = None
    json_pointer: str | None = Field(default=None, alias="json")

    @model_validator(mode="after")
    def _one_of_both(self) -> IdentitySettings:
        if (self.header is None) == (self.json_pointer is None):
            raise ValueError('identity wants either header = "…" or json = "/…"')
        return self


class ProbeSettings(Section):
    """What is asked to see whether the service answers, and how often."""

    path: str = "/health/ready"
    url: str | None = None
    revision_url: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    identity: IdentitySettings | None = None
    timeout_s: float = Field(default=5.0, gt=0, le=120)
    every_s: float = Field(default=1.0, ge=0.05, le=3600)

    @field_validator("path")
    @classmethod
    def _rooted(cls, value: str) -> str:
        if not value.startswith("/"):
            raise ValueError("a path begins with /")
        return value


class BypassSettings(Section):
    """The team's own way round Azure, for the day the control plane is the thing that is down.

    `command` may name {good_revision}, {good_revision_fqdn} and {app}; the console shows it and never runs it.
    """

    command: str = Field(min_length=1)


class KillSwitchSettings(Section):
    """The team's own way to switch the feature off: run once, in the folder of the file, and never tried again.

    Commands are split into words and run without a shell; `sh -c '…'` is one that has it. An exit of 0 means that
    `command` was accepted. `check` reads only, and its exit of 0 proves that the feature is off. `title` is what is
    switched off, for people.
    """

    command: str = Field(min_length=1)
    check: str | None = Field(default=None, min_length=1)
    title: str = Field(default="the feature", min_length=1, max_length=60)
    timeout_s: float = Field(default=60.0, gt=0, le=600)

    @field_validator("command", "check")
    @classmethod
    def _splits(cls, value: str | None) -> str | None:
        try:
            empty = value is not None and not shlex.split(value)
        except ValueError as error:
            raise ValueError(f"this cannot be split into words: {error}") from error
        if empty:
            raise ValueError("an empty command")
        return value


class ChangeSettings(Section):
    """How far back changes are looked for where nothing was recorded, and what calls for a proved bundle."""

    look_back_d: float = Field(default=7.0, gt=0, le=90)
    proved_after_min: float = Field(default=10.0, gt=0)


class TargetSettings(Section):
    """One service with everything it needs. `home` is the folder of the file, which commands run in.

    `runbooks` is a folder, relative to the file, whose decision tree and runbooks stand for ours by name.
    """

    environment: Environment
    read_only: bool = False
    azure: AzureSettings
    code: CodeSettings
    probe: ProbeSettings = ProbeSettings()
    signals: tuple[SignalSettings, ...] = (SignalSettings(name="5xx"),)
    triggers: tuple[TriggerSettings, ...] = ()
    bypass: BypassSettings | None = None
    kill_switch: KillSwitchSettings | None = None
    runbooks: str | None = Field(default=None, min_length=1)
    prompt: PromptSettings | None = None
    calls: CallsSettings | None = None
    model: ModelSettings | None = None
    embedding: EmbeddingSettings | None = None
    schema_: SchemaSettings | None = Field(default=None, alias="schema")
    golden: GoldenSettings | None = None
    changes: ChangeSettings = ChangeSettings()
    home: str = ""

    @model_validator(mode="before")
    @classmethod
    def _home_is_no_key(cls, data: Any, info: ValidationInfo) -> Any:
        if info.context and "file" in info.context and isinstance(data, dict) and "home" in data:
            raise ValueError("home: unknown key")
        return data

    @model_validator(mode="after")
    def _no_loopback_production(self) -> TargetSettings:
        if self.environment is Environment.PRODUCTION and self.azure.endpoint is not None:
            raise ValueError('azure.endpoint is never allowed with environment = "production"')
        return self

    @model_validator(mode="before")
    @classmethod
    def _exam_is_a_signal(cls, data: Any) -> Any:
        """Golden questions that are asked on a pace are a signal, whether or not one is written down for them."""
        if (
            not isinstance(data, dict)
            or not isinstance(data.get("golden"), dict)
            or data["golden"].get("every_s") == 0
        ):
            return data
        signals = data.get("signals", [{"name": "5xx"}])
        if not isinstance(signals, list | tuple) or not all(isinstance(signal, dict) for signal in signals):
            return data
        if any(signal.get("source") == "golden" for signal in signals):
            return data
        name = "golden" if all(signal.get("name") != "golden" for signal in signals) else "golden questions"
        return {**data, "signals": [*signals, {"name": name, "source": "golden"}]}

    @model_validator(mode="after")
    def _signals_fit(self) -> TargetSettings:
        triggered = {trigger.signal for trigger in self.triggers}
        check_signals(self.signals, triggered, {"calls": self.calls, "golden": self.golden, "model": self.model})
        return self

    @model_validator(mode="after")
    def _triggers_name_signals(self) -> TargetSettings:
        names = {signal.name for signal in self.signals}
        for trigger in self.triggers:
            if trigger.signal not in names:
                raise ValueError(f'trigger on "{trigger.signal}", but the signals are {", ".join(sorted(names))}')
        return self

    def trigger(self, signal: str) -> Trigger:
        """The configured trigger on `signal`, or its source's default.

        A share of failures: above 5 for 60 s over at least 30 samples. Golden questions: below 100. A number that
        somebody else counts has none, and is only shown.
        """
        for one in self.triggers:
            if one.signal == signal:
                return Trigger(signal, one.above, one.below, one.for_s, one.min_count, one.severity)
        settings = next((one for one in self.signals if one.name == signal), None)
        if settings is not None and settings.source == "golden":
            return Trigger(signal, None, 100.0, min_count=1)
        if settings is not None and not settings.share:
            return Trigger(signal, None, None, min_count=1)
        return Trigger(signal)

    @property
    def resource_id(self) -> str:
        return (
            f"/subscriptions/{self.azure.subscription}/resourceGroups/{self.azure.resource_group}"
            f"/providers/Microsoft.App/containerApps/{self.code.container_app}"
        )

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits that tell this target from another of the same name."""
        identity = f"{self.azure.arm}|{self.resource_id}".lower()
        return hashlib.sha256(identity.encode()).hexdigest()[:8]


class Settings(Section):
    """The whole of rollback.toml. `state` is the run log's folder, relative to the file."""

    default_target: str | None = None
    state: str | None = None
    targets: dict[str, TargetSettings] = Field(min_length=1)

    @model_validator(mode="after")
    def _default_exists(self) -> Settings:
        if self.default_target is not None and self.default_target not in self.targets:
            known = ", ".join(self.targets)
            raise ValueError(f'default_target = "{self.default_target}", but the targets are {known}')
        return self


def is_loopback(url: str) -> bool:
    """Whether `url` points at this machine's loopback interface by number or as localhost."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
