"""Logging in and out."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dealwire import __version__
from dealwire.web.guard import address_of, cookie_of, set_cookie
from dealwire.web.sessions import COOKIE, Sessions, TooManyTries
from dealwire.web.visitors import visitor

_PAGE = Markup("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Log in · dealwire</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/static/icon.svg"><link rel="stylesheet" href="/static/page.css?{version}">
<script src="/static/page.js?{version}"></script></head>
<body><main class="login card"><h1>Log in to dealwire</h1>{told}
<form method="post" action="/login"><input type="hidden" name="csrf" value="{csrf}">
<input type="hidden" name="next" value="{next}">
<label for="password">Password</label>
<input id="password" name="password" type="password" required autofocus autocomplete="current-password" maxlength="256">
<button class="button">Log in</button></form>
<p class="quiet small">The reader's password shows everything; the admin's may change feeds and claims, too.</p>
</main></body></html>
""")


def routes(sessions: Sessions, *, https: bool) -> APIRouter:
    """`/login` and `/logout`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    async def form(request: Request, next: str = "/") -> Response:
        if visitor(request).logged_in or not sessions.needs_login:
            return RedirectResponse(_inside(next), 303)
        return _form(request, next)

    @router.post("/login")
    async def log_in(
        request: Request,
        password: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "/",
    ) -> Response:
        if csrf != visitor(request).csrf:
            return _form(request, next, "This form was too old; try again.", 403)
        answer: Response
        try:
            role = await run_in_threadpool(sessions.role_of, password, address_of(request))
        except TooManyTries as error:
            answer = _form(request, next, f"There were {error}.", 429)
            answer.headers["Retry-After"] = str(round(error.seconds))
            return answer
        if role is None:
            return _form(request, next, "That password is wrong.", 401)
        # A session of its own: whoever knew the form's cookie does not get in with it.
        sessions.end(cookie_of(request.headers))
        answer = RedirectResponse(_inside(next), 303)
        answer.headers["Set-Cookie"] = set_cookie(sessions.begin(role, logged_in=True), https=https)
        return answer

    @router.post("/logout")
    async def log_out(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
        if csrf == visitor(request).csrf:
            sessions.end(cookie_of(request.headers))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    return router


def _form(request: Request, next: str, told: str = "", status: int = 200) -> HTMLResponse:
    error = Markup('<p class="error" role="alert">{}</p>').format(told) if told else ""
    page = _PAGE.format(version=__version__, told=error, csrf=visitor(request).csrf, next=_inside(next))
    return HTMLResponse(page, status, {"Cache-Control": "no-store"})


def _inside(wanted: str) -> str:
    """The address within this site that was asked for; others are not led to."""
    parts = urlsplit(wanted)
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return wanted if inside and wanted.isprintable() else "/"
