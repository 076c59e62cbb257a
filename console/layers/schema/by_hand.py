"""The commands that do by hand what a schema plan would do: complete, and nothing abbreviated.

https://learn.microsoft.com/cli/azure/postgres/flexible-server and https://www.postgresql.org/docs/current/app-psql.html
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime

from console.config.layer_settings import SchemaSettings
from console.config.section import FROM_ENVIRONMENT
from console.config.settings import TargetSettings
from console.domain.schema import Server
from console.layers.code import by_hand as code_by_hand

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")


def run_down(settings: TargetSettings, schema: SchemaSettings, command: str, current: str, target: str) -> str:
    """Prints the script to a file, and runs the file in one transaction with the same bounds."""
    file = f"down-{_SAFE.sub('-', current)}-{_SAFE.sub('-', target)}.sql"
    printed = f"cd {shlex.quote(settings.home)} && {command} > {file}" if settings.home else f"{command} > {file}"
    if not (schema.url or "").startswith("sqlite"):
        bounds = f"-c lock_timeout={schema.lock_s * 1000:.0f} -c statement_timeout={schema.statement_s * 1000:.0f}"
        psql = f"psql {_address(schema.url)} -v ON_ERROR_STOP=1 --single-transaction -f {file}"
        return f"{printed}\ngrep -viE '^(begin|commit);$' {file} > {file}.one && mv {file}.one {file}\n" + (
            f"PGOPTIONS={shlex.quote(bounds)} {psql}"
        )
    place = (schema.url or "").removeprefix("sqlite:///")
    wrapped = f"(echo 'BEGIN IMMEDIATE;'; grep -viE '^(begin|commit);$' {file}; echo 'COMMIT;')"
    return f"{printed}\n{wrapped} | sqlite3 -bail {shlex.quote(place)}"


def _address(url: str | None) -> str:
    if url is not None and url.startswith(FROM_ENVIRONMENT):
        return f'"${url.removeprefix(FROM_ENVIRONMENT)}"'
    return shlex.quote((url or "").replace("postgresql+psycopg://", "postgresql://"))


def back_up(settings: TargetSettings, schema: SchemaSettings, server: str, name: str) -> str:
    return _az(settings, schema, "backup create", f"--server-name {shlex.quote(server)}", f"-n {shlex.quote(name)}")


def restore(settings: TargetSettings, schema: SchemaSettings, server: Server, name: str, at: datetime) -> str:
    """az sends the network's ids where the source is private, as Azure wants them again."""
    subnet = server.network.get("delegatedSubnetResourceId")
    zone = server.network.get("privateDnsZoneArmResourceId")
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    options = [f"-n {shlex.quote(name)}", f"--source-server {shlex.quote(server.name)}", f"--restore-time {moment}"]
    options += [f"--subnet {shlex.quote(subnet)}"] if subnet else []
    options += [f"--private-dns-zone {shlex.quote(zone)}", "--yes"] if zone else []
    return _az(settings, schema, "restore", *options)


def release_endpoint(settings: TargetSettings, schema: SchemaSettings, server: str, name: str) -> str:
    options = (f"--server-name {shlex.quote(server)}", f"-n {shlex.quote(name)}", "--yes")
    return _az(settings, schema, "virtual-endpoint delete", *options)


def place_endpoint(settings: TargetSettings, schema: SchemaSettings, server: str, name: str) -> str:
    options = (f"--server-name {shlex.quote(server)}", f"-n {shlex.quote(name)}", "--endpoint-type ReadWrite")
    return _az(settings, schema, "virtual-endpoint create", *options, f"--members {shlex.quote(server)}")


def add_secret(settings: TargetSettings, name: str, value: str) -> str:
    """`value` is a shell expression, such as "$NEW_URL": the value itself is never written anywhere."""
    return _app(settings, "secret set", f"--secrets {shlex.quote(name)}={value}")


def repoint(settings: TargetSettings, schema: SchemaSettings, host: str, source: str, suffix: str) -> tuple[str, ...]:
    """What a person does after a restore where the console cannot: the new address, as a secret of a new name.

    `source` is the revision that serves, which is copied: the latest one need not be it.
    """
    name = f"{schema.secret or 'database-url'}-{suffix}"
    env = schema.url_env or "DATABASE_URL"
    return (
        f"# the service's own address, with host {host}, in NEW_URL:",
        add_secret(settings, name, '"$NEW_URL"'),
        code_by_hand.new_env_revision(settings, source, suffix, ((env, "", f"secretref:{name}"),)),
    )


def lines(parts: Sequence[str]) -> str:
    return "\n".join(part for part in parts if part)


def _az(settings: TargetSettings, schema: SchemaSettings, command: str, *options: str) -> str:
    group = shlex.quote(schema.resource_group or settings.azure.resource_group)
    subscription = f"--subscription {shlex.quote(settings.azure.subscription)}"
    return " \\\n  ".join((f"az postgres flexible-server {command} -g {group}", subscription, *options))


def _app(settings: TargetSettings, command: str, *options: str) -> str:
    app, group = shlex.quote(settings.code.container_app), shlex.quote(settings.azure.resource_group)
    subscription = f"--subscription {shlex.quote(settings.azure.subscription)}"
    return " \\\n  ".join((f"az containerapp {command} -n {app} -g {group}", subscription, *options))
