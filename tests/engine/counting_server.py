"""A server on loopback that counts what reaches it and misbehaves as told, without any client library's help."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """What the server does with every request. `how` other than `answer` is a way not to answer it."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    how: str = "answer"


def arm_error(status: int, code: str, message: str = "no", **headers: str) -> Answer:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    names = {key.replace("_", "-"): value for key, value in headers.items()}
    return Answer(status, {"Content-Type": "application/json", **names}, body)


@dataclass
class Seen:
    """What arrived. `connections` counts also those that brought no whole request."""

    url: str = ""
    connections: int = 0
    requests: list[tuple[str, str]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)


class CountingServer:
    """Speaks just enough HTTP/1.1. Answers come in order from `answers`; the last one repeats."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self._tasks: set[asyncio.Task[None]] = set()
        self.seen = Seen()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.create_task(self._handle(reader, writer)))

    async def close(self) -> None:
        self.seen.stop.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen.connections += 1
        answer = self._answers[0]
        try:
            if answer.how == "reset at once":
                _reset(writer)
                return
            while (request := await _read(reader)) is not None:
                answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                method, path, headers, body = request
                self.seen.requests.append((method, path))
                self.seen.headers.append(headers)
                self.seen.bodies.append(body)
                if not await self._answer(answer, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _answer(self, answer: Answer, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        match answer.how:
            case "reset":
                _reset(writer)
            case "close":
                writer.close()
            case "silence":
                await self.seen.stop.wait()
            case "half":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                await writer.drain()
            case "no http":
                writer.write(b"\x00\x01 what is this\r\n\r\n")
                await writer.drain()
            case _:
                headers = {"Content-Length": str(len(answer.body)), **answer.headers}
                lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
                head = f"HTTP/1.1 {answer.status} Whatever\r\n{lines}\r\n".replace("{url}", self.seen.url)
                writer.write(head.encode("latin-1") + answer.body)
                await writer.drain()
                return True
        return False


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends the connection with RST instead of FIN."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> tuple[str, str, Mapping[str, str], bytes] | None:
    line = await reader.readline()
    if not line:
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := await reader.readline()) not in (b"\r\n", b""):
        key, _, value = line.decode("latin-1").partition(":")
        headers[key.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return method, path, headers, body


@contextlib.asynccontextmanager
async def serving(*answers: Answer) -> AsyncIterator[Seen]:
    """A server that does so with whatever comes, until the block ends."""
    server = CountingServer(*answers)
    listener = await asyncio.start_server(server.accept, "127.0.0.1", 0)
    server.seen.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server.seen
    finally:
        listener.close()
        await server.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
