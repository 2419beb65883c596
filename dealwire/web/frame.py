"""The frame of every page: header with navigation and search, dark and light, and the page's own heading.

Pages show HTML that `markup` has made (`show`), and NiceGUI's elements where something moves.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from markupsafe import Markup
from nicegui import Client, ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dealwire import __version__
from dealwire.web import markup
from dealwire.web.visitors import Visitor, visitor
from schemas.errors import DealwireError, WarehouseMissing

NAVIGATION = (
    ("/", "Alliances"),
    ("/map", "Map"),
    ("/companies", "Companies"),
    ("/hardware", "Chips & models"),
    ("/articles", "Articles"),
    ("/feeds", "Feeds"),
    ("/sql", "SQL"),
)
_HEAD = (
    f'<link rel="stylesheet" href="/static/page.css?{__version__}">'
    f'<script src="/static/page.js?{__version__}"></script>'
)


class NotFound(DealwireError):
    """There is no such page, deal, article or company here."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


def page(path: str, *, active: str | None = None) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Any]]:
    """Register a page. Its function reads what it needs and then builds, in a `frame`; errors are shown in words.

    Parameters are those of a FastAPI route: parts of the path, and what stands in the address.
    """

    def registered(build: Callable[..., Awaitable[None]]) -> Callable[..., Any]:
        @wraps(build)
        async def told(*args: Any, **kwargs: Any) -> None:
            try:
                await build(*args, **kwargs)
            except DealwireError as error:
                _tell(error, active)

        # A slow machine still answers.
        return ui.page(path, response_timeout=60)(told)

    return registered


@contextmanager
def frame(title: str, *, active: str | None = None, heading: str | Markup | None = None) -> Iterator[None]:
    """The page around what the block shows. `active` is the address in the navigation that it belongs to.

    `heading`: what its first heading says, if not `title`; "": none, the block brings its own `<h1 id="content">`.
    """
    ui.page_title(f"{title} · dealwire")
    ui.add_head_html(_HEAD)
    with ui.header(fixed=False, elevated=False).classes("site-header"):
        show(_header(active, asking()))
    with ui.element("div").classes("content"):
        told = heading if heading is not None else title
        if told:
            show(Markup('<h1 id="content" tabindex="-1">{}</h1>').format(told))
        if (news := asking().told) is not None:
            show(markup.note(news.text, tone=news.tone))
        yield


def show(content: Markup, *, tag: str = "div") -> ui.html:
    """HTML that `markup` has made; a plain text is escaped."""
    return ui.html(str(markup.page(content)), sanitize=False, tag=tag)


def show_later(meanwhile: str, content: Callable[[], Awaitable[Markup]]) -> None:
    """Show what takes a while when it is there; until then what is said `meanwhile`."""
    holder = ui.element("div")
    with holder:
        show(Markup('<p class="quiet" role="status">{}</p>').format(meanwhile))

    async def load() -> None:
        found = await content()
        holder.clear()
        with holder:
            show(found)

    ui.timer(0, load, once=True)


def empty_state(text: str, what_to_do: str | Markup) -> None:
    """Say that there is nothing, and what to do about it."""
    show(markup.empty_state(text, what_to_do))


def error_card(error: Exception | str) -> None:
    """Say in words what went wrong."""
    show(markup.error_card(error))


def asking() -> Visitor:
    """Who asks for the page that is being built."""
    request = ui.context.client.request
    return visitor(request)


async def missing(request: Request, error: Exception) -> Response:
    """The answer where there is no page; given to NiceGUI in place of its own."""
    if request.url.path.startswith("/_nicegui"):
        return PlainTextResponse("Not found", 404)
    with Client(ui.page(""), request=request) as client, frame("Not found"):
        error_card("There is no page at this address.")
    return client.build_response(request, 404)


def broken(error: Exception) -> None:
    """The page where building one has failed in a way that it should not."""
    with frame("An error"):
        error_card("Something went wrong that should not; what it was stands in the log.")


def _tell(error: DealwireError, active: str | None) -> None:
    client = ui.context.client
    client.content.clear()
    if isinstance(error, WarehouseMissing):
        with frame("Nothing here yet", active=active):
            empty_state(
                "There is no database yet.",
                Markup(
                    "Add a feed with <code>dealwire feeds add ADDRESS</code> and start <code>dealwire up</code>; "
                    "or look at the sample site first: <code>dealwire demo</code>."
                ),
            )
        return
    client.status_code = 404 if isinstance(error, NotFound) else 503
    with frame("Not found" if isinstance(error, NotFound) else "An error", active=active):
        error_card(error)


def _header(active: str | None, who: Visitor) -> Markup:
    links = Markup("").join(
        Markup('<li><a href="{}"{}>{}</a></li>').format(
            address, Markup(' aria-current="page"') if address == active else "", text
        )
        for address, text in NAVIGATION
    )
    leave = Markup("")
    if who.logged_in:
        leave = markup.form_button("/logout", "Log out", who.csrf, {})
    return Markup(
        '<a class="skip" href="#content">Skip to the content</a>'
        '<div class="bar"><a class="brand" href="/"><svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">'
        '<path d="M4 7h11m-4-4 4 4-4 4M20 17H9m4-4-4 4 4 4" fill="none" stroke="currentColor" stroke-width="2.2" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>dealwire</a>'
        '<form class="search" role="search" action="/search"><label class="unseen" for="search">Search deals and '
        'articles</label><input id="search" name="q" type="search" placeholder="Search deals and articles" '
        'maxlength="200" autocomplete="off"></form>'
        '<div class="tools"><button type="button" class="icon-button" data-theme-switch aria-label="Dark or light">'
        '<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><circle cx="12" cy="12" r="8.5" '
        'fill="none" stroke="currentColor" stroke-width="2"/><path d="M12 3.5a8.5 8.5 0 0 1 0 17z" '
        'fill="currentColor"/></svg></button>{leave}</div></div>'
        '<nav aria-label="Pages"><ul>{links}</ul></nav>'
    ).format(leave=leave, links=links)
