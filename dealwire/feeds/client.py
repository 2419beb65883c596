"""The HTTP client: one identity, bounded in time and size, polite to hosts, kept out of private networks."""

import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import NamedTuple, Protocol, Self
from urllib.parse import urljoin, urlsplit

import httpx
import stamina

from dealwire.feeds.deadline import within
from dealwire.feeds.guard import GuardedBackend
from schemas.errors import BodyTooLarge, FeedUnreachable

_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, text/html;q=0.9, */*;q=0.8"
_REDIRECTS = 10


class Response(NamedTuple):
    """An answer: `url` is where redirects ended, `body` is decompressed, header names are lower case."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes


class _Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...


class Client:
    """Fetches addresses from several threads at once. A context manager.

    `total_seconds` bounds one whole download (not its wait for a place at its host), `max_bytes` its body after
    decompression, `at_once` all downloads and `per_host` those from one host under way at the same time.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        connect_seconds: float = 10,
        total_seconds: float = 30,
        max_bytes: int = 15_000_000,
        at_once: int = 16,
        per_host: int = 2,
        allow_private_hosts: tuple[str, ...] = (),
        connect_to: Mapping[str, str] | None = None,
    ) -> None:
        self.at_once = at_once
        self._total_seconds, self._max_bytes, self._per_host = total_seconds, max_bytes, per_host
        self._hosts: dict[str, threading.Semaphore] = {}
        self._hosts_lock = threading.Lock()
        transport = httpx.HTTPTransport(
            limits=httpx.Limits(max_connections=at_once * 2, max_keepalive_connections=at_once)
        )
        # httpx has no public way to choose the network backend of its pool; the pool itself (httpcore) has.
        transport._pool._network_backend = GuardedBackend(allow_private_hosts, connect_to)
        self._http = httpx.Client(
            transport=transport,
            timeout=httpx.Timeout(total_seconds, connect=connect_seconds),
            headers={
                "User-Agent": f"dealwire/{_version()} (+{contact})",
                "Accept": _ACCEPT,
                "Accept-Encoding": "gzip, deflate, br, zstd",
            },
            trust_env=False,
            max_redirects=_REDIRECTS,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def fetch(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, accept: str | None = None
    ) -> Response:
        """The answer at `url`, 304 included.

        Raises `FeedUnreachable` (no answer, too slow, an error status), `AddressRefused` or `BodyTooLarge`.
        """
        headers = {
            name: value
            for name, value in (("If-None-Match", etag), ("If-Modified-Since", last_modified), ("Accept", accept))
            if value
        }
        try:
            for attempt in stamina.retry_context(
                on=httpx.ConnectError, attempts=2, wait_initial=0.2, wait_max=1.0, timeout=self._total_seconds
            ):
                with attempt:
                    return self._follow(url, headers)
        except httpx.TimeoutException as error:
            raise FeedUnreachable(url, "it took too long") from error
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error, UnicodeError, ValueError) as error:
            raise FeedUnreachable(url, str(error) or type(error).__name__) from error
        raise AssertionError("retry_context returns or raises")

    def _follow(self, url: str, headers: dict[str, str]) -> Response:
        seconds = self._total_seconds
        for _ in range(_REDIRECTS):
            if urlsplit(url).scheme not in ("http", "https"):
                raise FeedUnreachable(url, "only http and https are read")
            with self._slot(url):
                started = time.monotonic()
                with within(seconds):
                    found = self._one(url, headers)
                seconds -= time.monotonic() - started
            if isinstance(found, Response):
                return found
            url = found
        raise FeedUnreachable(url, f"more than {_REDIRECTS} redirects")

    def _one(self, url: str, headers: dict[str, str]) -> Response | str:
        """The answer, or the address that it redirects to."""
        with self._http.stream("GET", url, headers=headers) as answer:
            if answer.has_redirect_location:
                return urljoin(url, answer.headers["location"])
            if answer.status_code >= 400 or (answer.status_code >= 300 and answer.status_code != 304):
                raise FeedUnreachable(url, f"status {answer.status_code}", answer.status_code)
            body = self._body(answer, url)
            return Response(url, answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, body)

    def _body(self, answer: httpx.Response, url: str) -> bytes:
        decoders = [_DECODERS[name]() for name in _encodings(answer.headers.get("content-encoding", ""))]
        body = bytearray()
        raw = 0
        for chunk in answer.iter_raw():
            raw += len(chunk)
            for part in _through(chunk, decoders):
                body += part
                if len(body) > self._max_bytes or raw > self._max_bytes:
                    raise BodyTooLarge(url, self._max_bytes)
        return bytes(body)

    def _slot(self, url: str) -> threading.Semaphore:
        host = urlsplit(url).netloc
        with self._hosts_lock:
            return self._hosts.setdefault(host, threading.Semaphore(self._per_host))


def _through(chunk: bytes, decoders: list[_Decoder]) -> Iterator[bytes]:
    if not decoders:
        yield chunk
        return
    parts = decoders[0].feed(chunk)
    while True:
        try:
            part = next(parts, None)
        except Exception as error:  # each library has an error of its own for damaged data
            raise zlib.error(f"the compressed body is damaged: {error}") from error
        if part is None:
            return
        yield from _through(part, decoders[1:])


class _Zlib:
    """gzip and deflate in small steps, so that a bomb is noticed before it is inflated."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=47)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            try:
                part = self._inner.decompress(data, 1 << 16)
            except zlib.error:
                if self._begun:
                    raise
                # Some servers send deflate without its header.
                self._inner = zlib.decompressobj(wbits=-15)
                part = self._inner.decompress(data, 1 << 16)
            self._begun = True
            data = self._inner.unconsumed_tail
            yield part
            if self._inner.eof:
                return


class _Brotli:
    def __init__(self) -> None:
        import brotli

        self._inner = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._inner.process(data, output_buffer_limit=1 << 16)
        while not self._inner.can_accept_more_data():
            yield self._inner.process(b"", output_buffer_limit=1 << 16)


class _Zstd:
    def __init__(self) -> None:
        import zstandard

        self._inner = zstandard.ZstdDecompressor().decompressobj(write_size=1 << 16)

    def feed(self, data: bytes) -> Iterator[bytes]:
        # A window of 128 KB expands at most to what one 16 KB slice can hold; slices keep the steps small.
        for at in range(0, len(data), 256):
            yield self._inner.decompress(data[at : at + 256])


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Zlib,
    "x-gzip": _Zlib,
    "deflate": _Zlib,
    "br": _Brotli,
    "zstd": _Zstd,
}


def _encodings(header: str) -> list[str]:
    names = [one.strip().lower() for one in header.split(",") if one.strip().lower() not in ("", "identity")]
    unknown = [name for name in names if name not in _DECODERS]
    if unknown or len(names) > 2:
        raise ValueError(f"the body is encoded as {header[:40]!r}, which cannot be read")
    return names[::-1]


def _version() -> str:
    from importlib.metadata import version

    return version("dealwire")
