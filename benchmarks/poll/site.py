"""A site of many feeds for the benchmarks, in a process of its own so that its cost is not counted."""

import hashlib
import multiprocessing
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

WORDS = ("chip", "maker", "cloud", "lab", "order", "power", "data", "centre", "billion", "model", "lease", "stake")


def feed(name: str, entries: int, *, size: int = 2000) -> bytes:
    """RSS 2.0 with so many stories of `size` bytes each, the same for the same name."""
    items = []
    for number in range(entries):
        words = " ".join(WORDS[(number * 7 + at * 3 + len(name)) % len(WORDS)] for at in range(size // 7))
        items.append(
            f"<item><title>Story {number} of {name}</title><link>https://news.example/{name}/{number}</link>"
            f"<guid>https://news.example/{name}/{number}</guid>"
            f"<pubDate>Tue, 18 Nov 2025 {number % 24:02d}:30:00 GMT</pubDate>"
            f"<description>&lt;p&gt;{words}&lt;/p&gt;</description></item>"
        )
    head = f"<title>{name}</title><link>https://news.example/{name}</link>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'.encode()


Answer = Callable[[socket.socket, str, dict[str, str]], bool]


def plain(entries: int) -> Answer:
    """Every path is a feed; validators are honoured and connections kept."""

    def answer(connection: socket.socket, path: str, headers: dict[str, str]) -> bool:
        body = feed(path.strip("/").replace("/", "-"), entries)
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        if headers.get("if-none-match") == etag:
            connection.sendall(f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode())
        else:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: {etag}\r\n"
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return True

    return answer


def serve(answer: Answer, ports: "multiprocessing.Queue[int]", count: int) -> None:
    """Serve on `count` ports, told through the queue, until killed."""
    sockets = [socket.create_server(("127.0.0.1", 0), backlog=512) for _ in range(count)]
    for one in sockets:
        ports.put(one.getsockname()[1])
        threading.Thread(target=_accept, args=(one, answer), daemon=True).start()
    while True:
        time.sleep(60)


def _accept(listening: socket.socket, answer: Answer) -> None:
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=_talk, args=(connection, answer), daemon=True).start()


def _talk(connection: socket.socket, answer: Answer) -> None:
    with suppress(OSError, IndexError), connection:
        rest = b""
        while True:
            while b"\r\n\r\n" not in rest:
                data = connection.recv(65536)
                if not data:
                    return
                rest += data
            head, _, rest = rest.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            if not answer(connection, first.split(" ")[1], headers):
                return


@contextmanager
def running(answer: Answer, *, ports: int = 1) -> Iterator[list[int]]:
    """The site in a process of its own; its ports."""
    context = multiprocessing.get_context("fork")
    queue: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=serve, args=(answer, queue, ports), daemon=True)
    process.start()
    try:
        yield [queue.get(timeout=20) for _ in range(ports)]
    finally:
        process.kill()
        process.join()


if __name__ == "__main__":
    sys.exit("this serves the benchmarks; run python -m benchmarks.poll")
