"""Raw sockets: each path is a case, and the case alone decides which bytes go out, how slowly, and what comes after."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

FORBIDDEN = "forbidden-7c1f"
"""Stands where dealwire must never look, or in what it must never keep."""


class Wire:
    """One request of a client, and the socket to answer on. `hit` counts the requests for this path from 1."""

    def __init__(self, connection: socket.socket, path: str, headers: dict[str, str], hit: int, base: str) -> None:
        self.connection, self.path, self.headers, self.hit, self.base = connection, path, headers, hit, base

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.connection.sendall(part)

    def answer(self, body: bytes | str, status: str = "200 OK", **headers: str) -> None:
        """A well-formed answer; `Content_Type` and so on are headers, an empty one is left out."""
        data = body.encode() if isinstance(body, str) else body
        given = {
            "Content_Type": "application/rss+xml",
            "Content_Length": str(len(data)),
            "Connection": "close",
        } | headers
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items() if value]
        self.send("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1"), data)

    def redirect(self, to: str, status: str = "302 Found") -> None:
        self.answer("", status, Location=to)

    def chunks(self, parts: Iterable[bytes], *, end: bool = True) -> None:
        self.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nTransfer-Encoding: chunked\r\n\r\n")
        for part in parts:
            self.send(f"{len(part):x}\r\n".encode(), part, b"\r\n")
        if end:
            self.send(b"0\r\n\r\n")

    def reset(self) -> None:
        """End the connection by RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def sleep(self, seconds: float = 60) -> None:
        """Say nothing until the client leaves."""
        self.connection.settimeout(seconds)
        with suppress(OSError):
            while self.connection.recv(4096):
                """It may still be talking."""


Answer = Callable[[Wire], None]


@dataclass
class Case:
    """One misbehaviour: what its poll must say, and how many stories are stored after two polls."""

    name: str
    answer: Answer
    status: tuple[str, ...]
    entries: int = 0
    alone: bool = False
    says: str = ""
    again: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)


class Server:
    """Serves cases on a port of its own, with TLS if given a context."""

    def __init__(self, cases: Iterable[Case], *, context: ssl.SSLContext | None = None) -> None:
        self.cases = {f"/{case.name}": case for case in cases}
        self.asked: list[str] = []
        self._context = context
        self._hits: dict[str, int] = {}
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, case: Case, host: str = "127.0.0.1") -> str:
        return f"http{'s' if self._context else ''}://{host}:{self.port}/{case.name}"

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Whatever happens here is part of the case.
        with suppress(OSError, ValueError, IndexError), connection:
            connection.settimeout(60)
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                data = connection.recv(65536)
                if not data:
                    return
                head += data
            first, *lines = head.decode("latin-1").split("\r\n")
            path = first.split(" ")[1]
            self.asked.append(path)
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            case = self.cases.get(path.partition("?")[0].rstrip("/"))
            hit = self._hits[path] = self._hits.get(path, 0) + 1
            wire = Wire(connection, path, headers, hit, f"http://127.0.0.1:{self.port}")
            if case is None:
                wire.answer("no", "404 Not Found")
            else:
                case.answer(wire)
            # Closing with unread input would be a reset.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(0.5)
                connection.recv(1024)


def drip(wire: Wire, data: bytes, pause: float = 0.1) -> None:
    """Byte by byte."""
    for byte in data:
        wire.send(bytes([byte]))
        time.sleep(pause)
