"""A round of many feeds of which 10 % fail, 5 % hang and 1 % are hostile: it ends in time, all good ones are stored.

`python -m benchmarks.poll.crowd [FEEDS] [SECONDS]`; 5,000 feeds and 30 s for a download unless told otherwise.
"""

import gzip
import socket
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from benchmarks.poll import site
from dealwire import steps
from dealwire.feeds.identity import feed_id
from dealwire.settings import Settings
from dealwire.warehouse import load
from schemas import Feed

ENTRIES = 3
PORTS = 50


class Crowd(NamedTuple):
    """What a round gave."""

    feeds: int
    good: int
    stored: int
    good_failed: int
    seconds: float
    statuses: dict[str, int]


def kind(number: int) -> str:
    """10 of 100 fail, 5 hang, 1 is hostile."""
    at = number % 100
    return "fails" if at < 10 else "hangs" if at < 15 else "hostile" if at == 15 else "good"


@cache
def bomb() -> bytes:
    """300 MB of zeros."""
    return gzip.compress(bytes(300_000_000), 6)


def answer(connection: socket.socket, path: str, headers: dict[str, str]) -> bool:
    """As the path says: `/good/7`, `/fails/8`."""
    which, number = path.strip("/").split("/")
    if which == "hangs":
        connection.settimeout(120)
        connection.recv(10)
        return False
    if which == "fails":
        status = ("404 Not Found", "500 Oops", "410 Gone", "403 Forbidden")[int(number) % 4]
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        return int(number) % 3 != 0
    if which == "hostile":
        return _hostile(connection, int(number) // 100 % 4)
    body = site.feed(f"good{number}", ENTRIES, size=300)
    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    return True


def _hostile(connection: socket.socket, which: int) -> bool:
    if which == 0:
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb())}\r\n\r\n"
        connection.sendall(head.encode() + bomb())
    elif which == 1:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")
        while True:
            connection.sendall(b"<")
            time.sleep(0.2)
    elif which == 2:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n<rss>")
        while True:
            connection.sendall(b"x" * 65536)
    else:
        body = b"<rss><channel><title>a & b</title>" + b"<a>" * 100_000
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    return False


def play(count: int, seconds: float) -> Crowd:
    """One round over so many feeds on `PORTS` hosts."""
    bomb()
    ports_used = min(PORTS, max(1, count // 20))
    with site.running(answer, ports=ports_used) as ports, tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database=Path(folder) / "crowd.duckdb", allow_private_hosts=("127.0.0.1",), total_seconds=seconds,
            connect_seconds=min(seconds, 10), parse_seconds=5,
        )  # fmt: skip
        urls = [f"http://127.0.0.1:{ports[(n + n // 100) % len(ports)]}/{kind(n)}/{n}" for n in range(count)]
        store = steps.warehouse(settings)
        with store.write() as db:
            load.store_feeds(db, [Feed(feed_id=feed_id(url), url=url, added_at=datetime.now(UTC)) for url in urls])
        started = time.monotonic()
        steps.poll(settings)
        took = time.monotonic() - started
        with store.read() as db:
            statuses = dict(db.execute("SELECT status, count(*) FROM polls GROUP BY ALL").fetchall())
            stored = db.execute(
                "SELECT count(*) FROM entries JOIN feeds USING (feed_id) WHERE feeds.url LIKE '%/good/%'"
            ).fetchall()[0][0]
            failed = db.execute("SELECT count(*) FROM polls WHERE url LIKE '%/good/%' AND status <> 'ok'").fetchall()[
                0
            ][0]
        return Crowd(count, sum(kind(n) == "good" for n in range(count)), stored, failed, took, statuses)


def main() -> None:
    """Print what the round gave."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 30
    found = play(count, seconds)
    print(
        f"{found.feeds} feeds in {found.seconds:.1f} s: {found.good} good ones with {found.good * ENTRIES} stories, "
        f"{found.stored} stored, {found.good_failed} good ones failed; {found.statuses}"
    )
    assert (found.stored, found.good_failed) == (found.good * ENTRIES, 0)


if __name__ == "__main__":
    main()
