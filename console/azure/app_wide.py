"""What stands above all revisions of an app: ingress, secrets, registries and identity, each as a short word.

A secret's value is never read: its identity is its name, and its Key Vault address with the version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from console.domain.clean import clean

Body = Mapping[str, Any]

# What Azure fills in by itself, what a rollback moves, and what is shown elsewhere.
_INGRESS_LEFT_OUT = frozenset({"traffic", "fqdn"})
HERE = "a value that is not read"


def app_wide(app: Body) -> Mapping[str, str]:
    """By topic, such as `secret aoai-key` or `ingress targetPort`, what is set; nothing where it is not."""
    properties = _section(app, "properties")
    configuration = _section(properties, "configuration")
    parts = (_ingress(configuration), _secrets(configuration), _registries(configuration), _identity(app))
    return {topic: value for part in parts for topic, value in part}


def _ingress(configuration: Body) -> Iterator[tuple[str, str]]:
    for key, value in _section(configuration, "ingress").items():
        if key not in _INGRESS_LEFT_OUT and value not in (None, [], {}):
            yield clean(f"ingress {key}", 80), _short(value)


def _secrets(configuration: Body) -> Iterator[tuple[str, str]]:
    for secret in configuration.get("secrets") or ():
        if isinstance(secret, Mapping) and secret.get("name"):
            yield clean(f"secret {secret['name']}", 120), _short(secret.get("keyVaultUrl") or HERE)


def _registries(configuration: Body) -> Iterator[tuple[str, str]]:
    for registry in configuration.get("registries") or ():
        if isinstance(registry, Mapping) and registry.get("server"):
            login = registry.get("identity") or registry.get("username") or ""
            yield clean(f"registry {registry['server']}", 120), _short(login)


def _identity(app: Body) -> Iterator[tuple[str, str]]:
    identity = _section(app, "identity")
    if identity.get("type"):
        names = sorted(str(one).rpartition("/")[2] for one in identity.get("userAssignedIdentities") or ())
        yield "identity", _short(" ".join([str(identity["type"]), *names]))


def _short(value: Any) -> str:
    """A scalar as it is, anything else by eight digits of its content."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return clean(str(value), 300)
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _section(body: Body, key: str) -> Body:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}
