"""The guard before every request: which host was asked for, from where, by whom; and the headers of every answer.

- A request has to name this server as its host: a foreign name that leads here (DNS rebinding) is refused.
- What changes something, and the web socket, must come from a page of ours.
- As soon as there is a password, all but the login page, its files, hooks, `/health` and `/metrics` need a session or
  the header `Authorization: Bearer PASSWORD`. Without one, whoever reaches this machine's loopback is its admin.
"""

import base64
import ipaddress
import secrets
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dealwire.settings import Web
from dealwire.web.reach import is_loopback
from dealwire.web.sessions import COOKIE, Sessions, TooManyTries
from dealwire.web.visitors import Visitor

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = ("/login", "/static/", "/_nicegui/", "/favicon.ico")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_BODY = 6_000_000
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: with that, browsers do not say where a form comes from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
# Styles are set on elements by NiceGUI, Quasar and the charts; NiceGUI's script reads what it is sent with `eval`.
# Scripts need the nonce of the answer, so what an article might smuggle into a page does not run.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Guard:
    """ASGI middleware. `host`: the address that is listened at; `public`: paths that are for everybody.

    `hooks` is the app that answers hubs.
    """

    def __init__(
        self, app: ASGIApp, *, settings: Web, sessions: Sessions, host: str, public: Iterable[str], hooks: ASGIApp
    ) -> None:
        self._app, self._sessions, self._settings, self._hooks = app, sessions, settings, hooks
        self._public = frozenset(public)
        self._names = _LOCAL | {name.lower() for name in settings.hosts} | {host.lower()}
        self._elsewhere = not is_loopback(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if scope["path"] in self._public:
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http" and is_hook(scope["path"]):
            await self._hooks(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        refused, cookie = await self._looked_at(connection)
        if refused is not None:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await refused(scope, receive, _Answer(send, "", None, self._settings.https))
            return
        await self._app(scope, receive, _Answer(send, secrets.token_urlsafe(16), cookie, self._settings.https))

    async def _looked_at(self, connection: HTTPConnection) -> tuple[Response | None, str | None]:
        """The answer that refuses it, and the cookie to set, if any."""
        if not self._is_here(connection.headers.get("host", "")):
            return PlainTextResponse(
                "This server does not answer to that name; set web.hosts in dealwire.toml if it should.\n", 421
            ), None
        method = connection.scope.get("method", "WS")
        if method not in _SAFE and (told := _too_long(connection)) is not None:
            return told, None
        if method not in _SAFE and _is_foreign(connection.headers):
            return PlainTextResponse("This has to come from a page of this server.\n", 403), None
        path: str = connection.scope["path"]
        found, cookie = await self._who(connection)
        if isinstance(found, Response):
            return found, None
        if found is None and path == "/login":
            # One that was begun with the form belongs to it.
            found = self._sessions.visitor(cookie_of(connection.headers))
        if found is None:
            if path in _OPEN or any(path.startswith(one) for one in _OPEN if one.endswith("/")):
                if path == "/login" and method == "GET":
                    cookie = self._sessions.begin("reader", logged_in=False)
                    found = self._sessions.visitor(cookie)
            elif path.startswith("/api") or method != "GET":
                return JSONResponse(
                    {"detail": "log in at /login, or send Authorization: Bearer PASSWORD"},
                    401,
                    {"WWW-Authenticate": "Bearer"},
                ), None
            else:
                wanted = path + (f"?{query}" if (query := connection.scope["query_string"].decode("latin-1")) else "")
                return RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303), None
        connection.scope.setdefault("state", {})["visitor"] = found
        return None, cookie

    async def _who(self, connection: HTTPConnection) -> tuple[Visitor | Response | None, str | None]:
        secret = cookie_of(connection.headers)
        one = self._sessions.visitor(secret, shown=_shows_page(connection))
        if not self._sessions.needs_login:
            if one is not None:
                return one, None
            if not _shows_page(connection):
                return Visitor("admin", secrets.token_urlsafe(16)), None
            fresh = self._sessions.begin("admin", logged_in=False)
            return self._sessions.visitor(fresh), fresh
        if one is not None and one.logged_in:
            return one, None
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not given:
            return None, None
        try:
            role = await run_in_threadpool(self._sessions.role_of, given.strip(), address_of(connection))
        except TooManyTries as error:
            return PlainTextResponse(f"{error}\n", 429, {"Retry-After": str(round(error.seconds))}), None
        # A token is no cookie that a browser adds by itself, so nothing has to be proven by a form.
        return (Visitor(role, secrets.token_urlsafe(16), True) if role else None), None

    def _is_here(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        if name in self._names:
            return True
        # An address is no name, so nobody can have let it lead here.
        return self._elsewhere and _is_address(name)


class _Answer:
    """Sends an answer on with the headers of security; scripts of a NiceGUI page get the answer's nonce."""

    def __init__(self, send: Send, nonce: str, cookie: str | None, https: bool) -> None:
        self._send, self._nonce, self._cookie, self._https = send, nonce, cookie, https
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=self._nonce))
            if self._https:
                headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            if self._cookie:
                headers.append("Set-Cookie", set_cookie(self._cookie, https=self._https))
            if headers.get("X-NiceGUI-Content") == "page":
                headers["Cache-Control"] = "no-store"
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            # NiceGUI escapes `<` in all it is given to show, so every `<script` here is its own or the frame's.
            body = bytes(self._body).replace(b"<script", f'<script nonce="{self._nonce}"'.encode())
            MutableHeaders(raw=self._start["headers"])["Content-Length"] = str(len(body))
            await self._send(self._start)
            self._start = None
            await self._send({**message, "body": body})
            return
        await self._send(message)


def is_hook(path: str) -> bool:
    """Whether the path is one that hubs call: a token of 24 bytes, as `push` makes them."""
    token = path[1:]
    if len(token) != 32 or not token.isascii():
        return False
    try:
        return len(base64.b64decode(token, altchars=b"-_", validate=True)) == 24
    except ValueError:
        return False


def cookie_of(headers: Headers) -> str | None:
    """The session's cookie."""
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    return jar[COOKIE].value if COOKIE in jar else None


def set_cookie(secret: str, *, https: bool) -> str:
    """The header that sets the session's cookie; it goes when the browser is closed."""
    return f"{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if https else "")


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from; behind a proxy that is the proxy."""
    return connection.client.host if connection.client else "unknown"


def _too_long(connection: HTTPConnection) -> Response | None:
    """The answer to a body that is too long, or does not say how long it is."""
    if connection.scope["type"] != "http":
        return None
    length = connection.headers.get("content-length")
    if "transfer-encoding" in connection.headers or (length is not None and not length.isdigit()):
        return PlainTextResponse("Say how long it is: Content-Length.\n", 411)
    if length is not None and int(length) > _LONGEST_BODY:
        return PlainTextResponse("This is too large.\n", 413)
    return None


def _shows_page(connection: HTTPConnection) -> bool:
    """Whether the answer is a page, which may hold forms."""
    path: str = connection.scope["path"]
    return connection.scope.get("method") == "GET" and not path.startswith(("/api", "/static/", "/_nicegui"))


def _is_foreign(headers: Headers) -> bool:
    """Whether a browser says that another site's page sent this. Programs that are no browsers say nothing."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
