"""rollback.toml: found, read, and turned into frozen, validated settings."""

from console.config.load import ConfigError, Mistake, find, load, parse
from console.config.settings import (
    AzureSettings,
    CodeSettings,
    IdentitySettings,
    ProbeSettings,
    Settings,
    SignInSettings,
    TargetSettings,
)
from console.config.signal_settings import SignalSettings, TriggerSettings

__all__ = [
    "AzureSettings",
    "CodeSettings",
    "ConfigError",
    "IdentitySettings",
    "Mistake",
    "ProbeSettings",
    "Settings",
    "SignInSettings",
    "SignalSettings",
    "TargetSettings",
    "TriggerSettings",
    "find",
    "load",
    "parse",
]
