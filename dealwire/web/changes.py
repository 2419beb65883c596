"""What forms change: claims reported as wrong, feeds added, paused, removed and imported. For admins, with `csrf`.

Each answers with a redirect to a page that says what became of it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

import duckdb
from fastapi import APIRouter, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from dealwire import steps, wording
from dealwire.feeds import adding, opml
from dealwire.warehouse import load, queries, rejected
from dealwire.web.guard import cookie_of
from dealwire.web.sessions import Sessions
from dealwire.web.site import Site
from dealwire.web.visitors import Told, may_change
from schemas.errors import DealwireError, InvalidInput

Text = Annotated[str, Form()]
_LARGEST_FILE = 5_000_000


def routes(site: Site, sessions: Sessions) -> APIRouter:
    """The routes under `/change`, and `/feeds.opml`."""
    router = APIRouter(include_in_schema=False)

    def done(request: Request, csrf: str, back: str, work: Callable[[], str | tuple[str, str]]) -> Response:
        """Do the work if it is allowed; `work` gives what to say, and the page to show if it is another one."""
        try:
            may_change(request, csrf)
            found = work()
            text, back = (found, back) if isinstance(found, str) else found
            told = Told(text, "good")
        except DealwireError as error:
            told = Told(str(error), "warning")
        sessions.tell(cookie_of(request.headers), told)
        return RedirectResponse(back, 303)

    def after_claim(claim: str, article: str, deal: str) -> str:
        if article:
            return f"/article/{quote(article, safe='')}"
        there = site.read_now(queries.deal, deal) if deal else None
        return f"/deal/{quote(deal, safe='')}" if there else f"/article/{site.read_now(_article_of, claim)}"

    # Plain functions: they work in a thread, and may take their time.
    @router.post("/change/claim/reject")
    def reject(request: Request, claim: Text = "", article: Text = "", deal: Text = "", csrf: Text = "") -> Response:
        def work() -> tuple[str, str]:
            site.write_now(rejected.reject, claim, now=datetime.now(UTC))
            site.link()
            return "Reported as wrong: no deal is made of it any more.", after_claim(claim, article, deal)

        return done(request, csrf, _back(article, deal), work)

    @router.post("/change/claim/restore")
    def restore(request: Request, claim: Text = "", article: Text = "", deal: Text = "", csrf: Text = "") -> Response:
        def work() -> tuple[str, str]:
            site.write_now(rejected.restore, claim)
            site.link()
            return "It counts again.", after_claim(claim, article, deal)

        return done(request, csrf, _back(article, deal), work)

    @router.post("/change/feed/add")
    def add(request: Request, url: Text = "", csrf: Text = "") -> Response:
        def work() -> str:
            with steps.client(site.settings) as client, steps.parsers(site.settings) as parsers:
                found, others = adding.find(url.strip(), client=client, parser=parsers.parse)
            new = site.write_now(load.store_new_feeds, [found])
            told = "Added" if new else "It is there already"
            more = f" The site names {len(others)} more: {', '.join(others[:5])}." if others else ""
            return f"{told}: {found.title or found.url} ({found.url}).{more}"

        return done(request, csrf, "/feeds", work)

    @router.post("/change/feed/import")
    def imported(request: Request, file: UploadFile, csrf: Text = "") -> Response:
        def work() -> str:
            data = file.file.read(_LARGEST_FILE + 1)
            if len(data) > _LARGEST_FILE:
                raise InvalidInput("the file is larger than 5 MB; `dealwire feeds import` takes it")
            found, complaints = adding.listed(data)
            if not found:
                raise InvalidInput("the file names no feed; it should be OPML or a list with one address a line")
            new = site.write_now(load.store_new_feeds, found)
            there = len(found) - len(new)
            told = f"{wording.count(len(new), 'feed')} added, {there} were there already."
            if complaints:
                told += f" {len(complaints)} could not be used: {'; '.join(complaints[:3])}."
            return told

        return done(request, csrf, "/feeds", work)

    @router.post("/change/feed/pause")
    def pause(request: Request, feed: Text = "", csrf: Text = "") -> Response:
        return done(request, csrf, "/feeds", lambda: _paused(site, feed, paused=True))

    @router.post("/change/feed/resume")
    def resume(request: Request, feed: Text = "", csrf: Text = "") -> Response:
        return done(request, csrf, "/feeds", lambda: _paused(site, feed, paused=False))

    @router.post("/change/feed/remove")
    def remove(request: Request, feed: Text = "", csrf: Text = "") -> Response:
        def work() -> str:
            site.write_now(load.remove_feed, feed)
            return "Removed; its articles stay."

        return done(request, csrf, "/feeds", work)

    @router.get("/feeds.opml")
    def exported() -> Response:
        text = opml.write(site.read_now(queries.feeds))
        return Response(
            text, media_type="text/x-opml", headers={"Content-Disposition": 'attachment; filename="dealwire.opml"'}
        )

    return router


def _back(article: str, deal: str) -> str:
    return f"/article/{quote(article, safe='')}" if article else f"/deal/{quote(deal, safe='')}" if deal else "/"


def _article_of(con: duckdb.DuckDBPyConnection, claim: str) -> str:
    row = con.execute("SELECT article_id FROM deal_claims WHERE record_id = ?", [claim]).fetchone()
    return str(row[0]) if row else ""


def _paused(site: Site, feed: str, *, paused: bool) -> str:
    if not site.write_now(load.pause_feed, feed, paused=paused):
        raise InvalidInput("this feed is not there any more")
    return "Paused: it is not polled until you resume it." if paused else "Resumed: it is polled when it is due."
