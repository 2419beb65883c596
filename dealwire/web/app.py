"""The app: pages, JSON API, WebSub's hooks, `/metrics` and `/health` in one, all of it served from this machine."""

import os
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from dealwire import __version__, callback, home, listener
from dealwire.settings import Settings
from dealwire.web.guard import Guard
from dealwire.web.reach import has_page
from dealwire.web.sessions import Sessions
from dealwire.web.site import Site
from schemas.errors import InvalidInput

_STATIC = Path(__file__).with_name("static")


def create(settings: Settings, *, host: str = "127.0.0.1") -> FastAPI:
    """The app. `host` is the address that it will be bound to.

    Once a process: NiceGUI keeps pages and browsers in global variables. Raises `InvalidInput` if the page would be
    open to others without a password.
    """
    if not has_page(settings, host):
        raise InvalidInput(
            f"the page would be open to everybody who reaches {host}: set a password first (`dealwire web --hash`), "
            "or leave --host away"
        )
    # Nobody's choices are kept by NiceGUI; should it ever write something, then not where it was started.
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(home.Home(settings.database).folder / "nicegui"))
    import nicegui
    from nicegui import ui

    from dealwire.web import api, frame, pages
    from dealwire.web.access import routes as access
    from dealwire.web.changes import routes as changes

    sessions, site = Sessions(settings.web), Site(settings)
    app = FastAPI(title="dealwire", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.include_router(access(sessions, https=settings.web.https))
    app.include_router(changes(site, sessions))
    app.include_router(api.router(site), prefix="/api")
    measures = listener.routes(settings)
    app.router.routes.extend(measures)
    pages.register(site)
    nicegui.app.add_exception_handler(404, frame.missing)
    nicegui.app.on_page_exception(frame.broken)
    ui.run_with(
        app,
        title="dealwire",
        dark=None,
        language="en-US",
        tailwind=False,
        favicon=_STATIC / "icon.svg",
        gzip_middleware_factory=None,
        show_welcome_message=False,
        reconnect_timeout=60,
    )
    app.add_middleware(
        Guard,
        settings=settings.web,
        sessions=sessions,
        host=host,
        public=[route.path for route in measures],
        hooks=callback.application(settings),
    )
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    return app
