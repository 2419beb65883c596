"""Requests over connections: each thread has its own few, so that a download never waits for another's.

httpx asks and answers; below it lies a transport of our own, made of httpcore's connections, because only they let a
guarded network backend be chosen.
"""

import os
import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import httpcore
import httpx

from dealwire.feeds.guard import GuardedBackend, split_host

_KEPT = 4
_KEEPALIVE_SECONDS = 15
_SAFE = "/%:@!$&'()*+,;=~?|[]"


class BadAddress(Exception):
    """This is no address of http or https."""


class Asked(NamedTuple):
    """One request: fetched, or posted if there is a form. `handed_over` is called when all of it is on its way."""

    url: str
    headers: Iterable[tuple[str, str]]
    proxy: str | None = None
    form: bytes | None = None
    handed_over: Callable[[], None] | None = None


class _Target:
    """Where a request goes, in the bytes that go over the wire."""

    __slots__ = ("host", "login", "lower", "netloc", "path", "port", "scheme", "url")

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
            name = (parts.hostname or "").rstrip(".")
            host = name if name.isascii() else _ascii(name)
        except (ValueError, UnicodeError) as error:
            raise BadAddress("its address cannot be read") from error
        if parts.scheme not in ("http", "https"):
            raise BadAddress("only http and https are read")
        if not host or any(c.isspace() or c in '<>"{}\\^`' for c in host):
            raise BadAddress("its address names no host")
        usual = 443 if parts.scheme == "https" else 80
        self.scheme, self.host, self.port = parts.scheme, host, port or usual
        shown = f"[{host}]" if ":" in host else host
        self.netloc = shown if self.port == usual else f"{shown}:{self.port}"
        path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
        self.path = path.encode("ascii")
        self.login = f"{parts.username or ''}:{parts.password or ''}" if parts.username is not None else None
        try:
            self.url = httpx.URL(scheme=self.scheme, host=self.host, port=self.port, raw_path=self.path)
        except httpx.InvalidURL as error:
            raise BadAddress("its address cannot be read") from error
        self.lower = httpcore.URL(
            scheme=self.scheme.encode(), host=self.host.encode(), port=self.port, target=self.path
        )


# Each request asks several times where it goes.
_target = lru_cache(maxsize=1024)(_Target)


class _Body(httpx.SyncByteStream):
    """The body of an answer as it comes."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Nothing(httpx.SyncByteStream):
    """No body: without even an empty piece, which would go through all layers."""

    def __iter__(self) -> Iterator[bytes]:
        return iter(())


_NOTHING = _Nothing()


class Wires(httpx.BaseTransport):
    """Connections of many threads. `backend` opens them; `timeouts` as httpcore names them."""

    def __init__(self, backend: GuardedBackend, timeouts: dict[str, float]) -> None:
        self._backend, self._timeouts = backend, timeouts
        self._thread = threading.local()
        self._all: list[OrderedDict[tuple[str, ...], httpcore.HTTPConnection | httpcore.ConnectionPool]] = []
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close what is idle; a thread that is in the middle of a download fails."""
        with self._lock:
            for mine in self._all:
                for connection in list(mine.values()):
                    _close(connection)

    @contextmanager
    def ask(self, asked: Asked) -> Iterator[httpx.Response]:
        """The answer, with its body still to be read. Raises `BadAddress` and httpcore's errors."""
        target, proxy = _target(asked.url), asked.proxy
        sent = [(b"Host", target.netloc.encode())]
        sent += [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in asked.headers]
        if target.login is not None and not any(name.lower() == b"authorization" for name, _ in sent):
            sent.append((b"Authorization", basic(target.login).encode()))
        extensions = {"dealwire": (target, proxy, asked.handed_over)}
        if asked.form is None:
            # With a body of its own, httpx has no headers to add, and does not go through them all once more.
            request = httpx.Request("GET", target.url, headers=sent, stream=_NOTHING, extensions=extensions)
        else:
            # httpx says how long the form is.
            request = httpx.Request("POST", target.url, headers=sent, content=asked.form, extensions=extensions)
        key = (target.scheme, target.host, str(target.port), proxy or "")
        mine = self._mine()
        # Straight to the transport: a client would add cookies, redirects and hooks, which nothing here is to have.
        answer = self.handle_request(request)
        whole = False
        try:
            yield answer
            whole = True
        finally:
            # What is left of a body is not worth reading; the connection goes with it.
            if not whole:
                _drop(mine, key)
            try:
                answer.close()
            except Exception:  # the answer is here already; how its connection ends does not matter
                _drop(mine, key)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, no redirects. Raises httpcore's errors."""
        target, proxy, handed_over = request.extensions["dealwire"]
        extensions: dict[str, Any] = {"timeout": self._timeouts}
        if handed_over is not None:

            def trace(name: str, info: Any) -> None:
                if name.endswith(".send_request_body.complete"):
                    handed_over()

            extensions["trace"] = trace
        asked = httpcore.Request(
            request.method,
            target.lower,
            headers=request.headers.raw,
            content=request.stream,
            extensions=extensions,
        )
        key = (target.scheme, target.host, str(target.port), proxy or "")
        answer = self._send(asked, target, key, self._mine(), proxy)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def _send(
        self,
        request: httpcore.Request,
        target: _Target,
        key: tuple[str, ...],
        mine: OrderedDict[tuple[str, ...], httpcore.HTTPConnection | httpcore.ConnectionPool],
        proxy: str | None,
    ) -> httpcore.Response:
        kept = mine.get(key)
        if kept is not None and isinstance(kept, httpcore.HTTPConnection) and not _usable(kept):
            _drop(mine, key)
            kept = None
        if kept is not None:
            mine.move_to_end(key)
            try:
                return kept.handle_request(request)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                # The server may close a kept connection at any moment; that says nothing of the feed.
                _drop(mine, key)
            except BaseException:
                _drop(mine, key)
                raise
        connection = self._open(target, proxy)
        mine[key] = connection
        while len(mine) > _KEPT:
            _drop(mine, next(iter(mine)))
        try:
            return connection.handle_request(request)
        except BaseException:
            _drop(mine, key)
            raise

    def _open(self, target: _Target, proxy: str | None) -> httpcore.HTTPConnection | httpcore.ConnectionPool:
        if proxy:
            # The proxy resolves the name itself; what is private from here is refused all the same.
            self._backend.checked(target.host, target.port)
            return _proxied(proxy)
        origin = httpcore.Origin(target.scheme.encode(), target.host.encode(), target.port)
        return httpcore.HTTPConnection(
            origin,
            ssl_context=trusted() if target.scheme == "https" else None,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            http1=True,
            http2=target.scheme == "https",
            network_backend=self._backend,
        )

    def _mine(self) -> OrderedDict[tuple[str, ...], httpcore.HTTPConnection | httpcore.ConnectionPool]:
        mine: OrderedDict[tuple[str, ...], httpcore.HTTPConnection | httpcore.ConnectionPool] | None
        mine = getattr(self._thread, "connections", None)
        if mine is None:
            mine = self._thread.connections = OrderedDict()
            with self._lock:
                self._all.append(mine)
        return mine


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises `BadAddress`."""
    target = _target(url)
    return target.scheme, target.host, target.port


def shown(url: str) -> str:
    """The address without a name and password in it, fit to be printed and stored."""
    head, mark, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    return f"{head}{mark}{place.rpartition('@')[2]}{slash}{path}" if "@" in place else url


def basic(login: str) -> str:
    """The value of an Authorization header for `name:password`."""
    from base64 import b64encode

    return "Basic " + b64encode(login.encode()).decode()


def header_names(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers with names in lower case; what is given twice is joined by a comma."""
    found: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found and key != "location" else text
    return found


@cache
def trusted() -> ssl.SSLContext:
    """Whom TLS trusts: the file SSL_CERT_FILE, else certifi's authorities. Made once, it takes a while."""
    import certifi

    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())
    context.set_alpn_protocols(["http/1.1", "h2"])
    return context


def _proxied(proxy: str) -> httpcore.ConnectionPool:
    try:
        parts = urlsplit(proxy)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise BadAddress("the address of its proxy cannot be read") from error
    if parts.scheme not in ("http", "https") or not host:
        raise BadAddress("its proxy should be given as http://host:port")
    plain = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    return httpcore.HTTPProxy(
        plain,
        proxy_auth=(parts.username, parts.password or "") if parts.username else None,
        ssl_context=trusted(),
        max_connections=2,
        # The user has named the proxy; it may be anywhere.
        network_backend=GuardedBackend([split_host(host)[0]]),
    )


def _usable(connection: httpcore.HTTPConnection) -> bool:
    return connection.is_available() and not connection.has_expired()


def _drop(
    mine: OrderedDict[tuple[str, ...], httpcore.HTTPConnection | httpcore.ConnectionPool], key: tuple[str, ...]
) -> None:
    connection = mine.pop(key, None)
    if connection is not None:
        _close(connection)


def _close(connection: httpcore.HTTPConnection | httpcore.ConnectionPool) -> None:
    try:
        connection.close()
    except Exception:  # it is being thrown away, and may be broken in any way
        return


def _ascii(name: str) -> str:
    import idna

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError(name) from error
