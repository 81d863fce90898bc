"""A client of RFC 6455 as small as can be, and the real server, for tests from outside."""

import asyncio
import base64
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from django.db import connection

from tests.journeys.site import free_port, until

ROOT = Path(__file__).resolve().parents[2]


class Daphne:
    """The site's own server on a port of its own, on the database of the tests."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        listen = ("-b", "127.0.0.1", "-p", str(self.port))
        program = (sys.executable, "-m", "daphne", *listen, "flowsite.asgi:application")
        environment = {**os.environ, "DATABASE_URL": _database_url(), "FLOWSITE_SECRET_KEY": "x" * 40}
        self.process = subprocess.Popen(program, cwd=ROOT, env=environment)
        until(self._listens, 20, "daphne listens")

    def kill(self) -> None:
        """As when the machine fails."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def memory_bytes(self) -> int:
        """The resident memory of the server."""
        assert self.process is not None
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Wire:
    """One web socket over TCP. With ``small_buffer`` the network holds little of what is not read."""

    def __init__(self, port: int, path: str, token: str, *, small_buffer: bool = False) -> None:
        self._port, self._path, self._token, self._small = port, path, token, small_buffer

    async def __aenter__(self) -> Self:
        connected = socket.socket()
        if self._small:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connected.connect(("127.0.0.1", self._port))
        self.reader, self.writer = await asyncio.open_connection(sock=connected, limit=4096)
        lines = (
            f"GET {self._path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            f"Authorization: Token {self._token}",
        )
        self.writer.write("\r\n".join((*lines, "", "")).encode())
        answer = await self.reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in answer, answer
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.writer.close()

    async def frame(self) -> Any:
        """The next text frame as JSON; ``IncompleteReadError`` or ``ConnectionResetError`` when the server dies."""
        while True:
            first, size = await self.reader.readexactly(2)
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
            payload = await self.reader.readexactly(size)
            if first == 0x81:
                return json.loads(payload)


def _database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user = f"{database['USER']}:{database['PASSWORD']}@" if database["USER"] else ""
    return f"postgres://{user}{database['HOST']}:{database['PORT'] or 5432}/{database['NAME']}"
