"""A small web server of the tests: paths and what they answer, over a real socket."""

import http.server
import threading
from collections.abc import Callable, Iterator

import pytest

from dealwire.feeds.client import Client
from dealwire.feeds.page_readers import PageReaders
from dealwire.feeds.parsers import Parsers

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class Web:
    """`routes` and `posts` map a path to a function that writes the answer; `asked` lists what was asked for."""

    def __init__(self) -> None:
        self.routes: dict[str, Answer] = {}
        self.posts: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                answer = web.routes.get(self.path)
                if answer is None:
                    self.send_error(404)
                else:
                    answer(self)

            def do_POST(self) -> None:
                web.posts[self.path](self)

            def log_message(self, *args: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def put(
        self, path: str, body: bytes | str, content_type: str = "text/xml", status: int = 200, **headers: str
    ) -> str:
        """Answer `path` with a body; returns its address."""
        data = body.encode() if isinstance(body, str) else body

        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            etag = headers.get("ETag")
            if etag and handler.headers.get("If-None-Match") == etag:
                handler.send_response(304)
                handler.end_headers()
                return
            handler.send_response(status)
            handler.send_header("Content-Type", content_type)
            handler.send_header("Content-Length", str(len(data)))
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(data)

        self.routes[path] = answer
        return self.base + path


@pytest.fixture
def web() -> Iterator[Web]:
    site = Web()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(
        contact="tests", connect_seconds=2, total_seconds=3, max_bytes=1_000_000, allow_private_hosts=("127.0.0.1",)
    ) as one:
        yield one


@pytest.fixture(scope="session")
def parsers() -> Iterator[Parsers]:
    """Parsers that are kept between rounds, as `dealwire up` keeps them."""
    with Parsers() as kept:
        yield kept


@pytest.fixture(scope="session")
def pages() -> Iterator[PageReaders]:
    """Readers of pages that are kept between rounds: to start one takes longer than all else of a test."""
    with PageReaders() as kept:
        yield kept
