"""Azure's first answer to a write, kept as it came: following an operation is the read client's work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from azure.core.polling import AsyncPollingMethod

from console.domain.clean import clean


@dataclass(frozen=True, slots=True)
class Accepted:
    """Azure took the request; where its operation can be followed, `operation` is that address."""

    operation: str = ""
    request_id: str = ""


class FirstAnswer(AsyncPollingMethod[Any]):
    """Keeps the first answer and polls nothing. One object is for one `begin_*` call."""

    accepted = Accepted()

    def initialize(self, client: Any, initial_response: Any, deserialization_callback: Any) -> None:
        headers = initial_response.http_response.headers
        address = headers.get("Azure-AsyncOperation") or headers.get("Location") or ""
        self.accepted = Accepted(str(address), clean(headers.get("x-ms-request-id", ""), 80))

    async def run(self) -> None:
        """Nothing is polled."""

    def status(self) -> str:
        return "Accepted"

    def finished(self) -> bool:
        return True

    def resource(self) -> None:
        return None
