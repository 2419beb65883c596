"""Receivers for what subscribers are told: an HTTP server, a mail server, and a warehouse with news in its outbox."""

import asyncio
import base64
import http.server
import shutil
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from dealwire.notify import message
from dealwire.settings import Settings
from dealwire.warehouse import outbox, subscribers
from dealwire.warehouse.connect import Warehouse
from schemas.events import AllianceAnnounced, AllianceUpdated
from schemas.ids import content_id
from schemas.subscriber import Delivery, Subscriber

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@dataclass
class Call:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An HTTP server on loopback. `answers` are the statuses of the next calls, then 200; `on_call` is told of each."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    on_call: Callable[[int], object] | None = None

    @property
    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.calls]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                headers = {name.lower(): value for name, value in self.headers.items()}
                found.calls.append(Call(self.path, headers, body))
                count, status = len(found.calls), found.answers.pop(0) if found.answers else 200
            if found.on_call is not None:
                # What is sent last is told of a moment after it has arrived.
                time.sleep(0.05)
                found.on_call(count)
            # Who asked may be dead by now.
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

        def log_message(self, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()


@dataclass
class Mailbox:
    """An SMTP server on loopback. `answers` are the codes that the next mails get, then 250."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    logins: list[tuple[str, str, bool]] = field(default_factory=list)
    on_mail: Callable[[int], object] | None = None
    tls: ssl.SSLContext | None = None


async def _converse(mailbox: Mailbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    def say(line: str) -> None:
        writer.write(f"{line}\r\n".encode())

    say("220 mail.example ESMTP")
    while line := (await reader.readline()).decode().strip():
        verb = line.split()[0].upper()
        safe = writer.get_extra_info("ssl_object") is not None
        if verb == "EHLO":
            say("250-mail.example")
            if mailbox.tls and not safe:
                say("250-STARTTLS")
            say("250 AUTH PLAIN")
        elif verb == "STARTTLS" and mailbox.tls:
            say("220 go ahead")
            await writer.start_tls(mailbox.tls)
        elif verb == "AUTH":
            _, name, password = base64.b64decode(line.split()[2]).decode().split("\0")
            mailbox.logins.append((name, password, safe))
            say("235 welcome" if password == "right" else "535 no")
        elif verb == "RCPT" and "nobody@" in line:
            say("550 there is no such person")
        elif verb == "DATA":
            say("354 go on")
            text = await reader.readuntil(b"\r\n.\r\n")
            if mailbox.on_mail is not None:
                await asyncio.sleep(0.05)
                mailbox.on_mail(len(mailbox.mails) + 1)
            code = mailbox.answers.pop(0) if mailbox.answers else 250
            if code == 250:
                found = message_from_bytes(text.removesuffix(b".\r\n"), policy=policy.default)
                assert isinstance(found, EmailMessage)
                mailbox.mails.append(found)
            say(f"{code} said")
        elif verb == "QUIT":
            say("221 bye")
            break
        else:
            say("250 ok")
        await writer.drain()
    writer.close()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    found, loop, started = Mailbox(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        server = await asyncio.start_server(lambda *both: _converse(found, *both), "127.0.0.1", 0)
        found.port = server.sockets[0].getsockname()[1]
        started.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    assert started.wait(10)
    yield found
    loop.call_soon_threadsafe(loop.stop)


@pytest.fixture(scope="session")
def empty_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = Warehouse(tmp_path_factory.mktemp("empty") / "empty.duckdb")
    with store.write():
        """An empty warehouse is all that is needed."""
    return store.path


@pytest.fixture
def settings(empty_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an empty warehouse; loopback may be reached."""
    monkeypatch.setenv("HOOK_SECRET", "whsec_c2VjcmV0IGJ5dGVz")
    path = Path(shutil.copy(empty_once, tmp_path / "news.duckdb"))
    return Settings(database=path, allow_private_hosts=("127.0.0.1",), lock_seconds=5, total_seconds=5)


class News:
    """A warehouse whose outbox and subscribers a test fills."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Warehouse(settings.database, wait_seconds=5)
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def pass_by(self, **how_long: float) -> None:
        self.at += timedelta(**how_long)

    def subscriber(self, kind: str, target: str, name: str = "one", **more: Any) -> Subscriber:
        given = {"secret_name": "HOOK_SECRET"} if kind == "webhook" else {}
        one = Subscriber(
            subscriber_id=content_id(name), name=name, kind=kind, target=target, added_at=NOW, **given | more
        )
        with self.store.write() as con:
            subscribers.store(con, [one])
        return one

    def announce(self, *names: str, **more: Any) -> None:
        with self.store.write() as con:
            outbox.add(con, [alliance(name, **more) for name in names], now=NOW)

    def update(self, name: str, **more: Any) -> None:
        with self.store.write() as con:
            outbox.add(con, [changed(name, **more)], now=NOW)

    def deliveries(self) -> list[Delivery]:
        with self.store.read() as con:
            done = con.execute("SELECT * FROM deliveries ORDER BY position, delivery_id")
            names = [column[0] for column in done.description or ()]
            return [Delivery(**dict(zip(names, row, strict=True))) for row in done.fetchall()]

    def states(self) -> list[str]:
        return [one.state.value for one in self.deliveries()]


@pytest.fixture
def news(settings: Settings) -> News:
    return News(settings)


def alliance(name: str, usd: float | None = 30e9, **more: Any) -> AllianceAnnounced:
    """An alliance of Example Labs and Example Cloud whose id is `name`."""
    amount = None if usd is None else Decimal(str(usd))
    return message.example().model_copy(
        update={"alliance_id": name, "title": f"{name}: a deal", "usd_max": amount} | more
    )


def changed(name: str, *, previous_id: str | None = None, **more: Any) -> AllianceUpdated:
    """The same, changed."""
    told = alliance(name, **more).model_dump()
    return AllianceUpdated(**told, changed=("amounts",), previous_id=previous_id)
