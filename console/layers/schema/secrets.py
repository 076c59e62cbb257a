"""The app's secrets: their names, and one more of them. No value is ever asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from console.config.layer_settings import SchemaSettings
from console.config.section import FROM_ENVIRONMENT, resolved
from console.domain.failure import Failure, FailureKind
from console.layers.layer import Tools
from console.layers.schema.looked import Secret, entry, secret

if TYPE_CHECKING:
    from console.azure.first_answer import Accepted

APP_VERSION = "2024-03-01"


class AppSecrets:
    """Reads names and Key Vault addresses; writes only where the door was opened for writing."""

    def __init__(self, tools: Tools, settings: SchemaSettings) -> None:
        self._tools, self._settings = tools, settings

    async def told(self) -> tuple[Secret, ...]:
        """The app's secrets, by name and Key Vault address. Raises Failure."""
        from console.azure.arm import Arm

        tools = self._tools
        arm = Arm(tools.settings.azure, tools.credential, tools.arm, tools.clock)
        answer = await arm.get(tools.settings.resource_id, APP_VERSION, "the app's secrets")
        configuration = (answer.body.get("properties") or {}).get("configuration") or {}
        return tuple(secret(one) for one in configuration.get("secrets") or () if isinstance(one, Mapping))

    def has_value(self) -> bool:
        """Whether the environment holds the value of the new secret, with a place for the host."""
        name = (self._settings.secret_value or "").removeprefix(FROM_ENVIRONMENT)
        return bool(name) and "{host}" in self._tools.environment.get(name, "")

    async def add(self, name: str, host: str) -> Accepted:
        """Adds secret `name`, whose value leads to `host`, beside those that there are. Raises Failure.

        An array that is PATCHed is replaced: secrets of a Key Vault are sent by their address, the others by name
        alone, since their values are never read; Azure either keeps those or refuses, and then nothing changes.
        """
        if not self._tools.writing:
            raise Failure(FailureKind.NOT_ALLOWED, "the app is read only here; nothing was sent")
        from console.azure.action_client import ActionClient

        tools = self._tools
        template = resolved(self._settings.secret_value or "", tools.environment)
        entries: list[dict[str, Any]] = [entry(one) for one in await self.told()]
        entries.append({"name": name, "value": template.replace("{host}", host)})
        app = tools.settings.code.container_app
        actions = ActionClient(tools.settings.azure, app, tools.credential, tools.arm, tools.clock)
        return await actions.set_secrets(entries)
