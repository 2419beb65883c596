"""What is served over HTTP for other programs: `/metrics`, `/health`, and WebSub's hooks; `web.app` adds the page.

Only the hooks have to be reachable for others; whoever publishes them through a proxy need not publish the rest.
"""

import threading
import time

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from dealwire import callback, metrics, watching
from dealwire.settings import Settings

_FRESH_SECONDS = 5.0


def application(settings: Settings) -> Starlette:
    """The app without the page."""
    return Starlette(routes=[*routes(settings), Mount("/", callback.application(settings))])


def routes(settings: Settings) -> list[Route]:
    """`/metrics` and `/health`; they keep no state but the metrics of the last few seconds."""
    kept_at, kept = [-_FRESH_SECONDS], [""]
    turn = threading.Lock()

    def measured() -> str:
        with turn:
            # However many ask, the warehouse is read once in a while.
            if time.monotonic() - kept_at[0] >= _FRESH_SECONDS:
                kept[0] = metrics.text(settings)
                kept_at[0] = time.monotonic()
            return kept[0]

    async def tell_metrics(request: Request) -> Response:
        return PlainTextResponse(await run_in_threadpool(measured), media_type=metrics.CONTENT_TYPE)

    async def tell_health(request: Request) -> Response:
        state = await run_in_threadpool(watching.parts, settings)
        well = state["running"] and all(part["state"] == "running" for part in state["parts"].values())
        told = {"running": state["running"], "parts": {name: one["state"] for name, one in state["parts"].items()}}
        return JSONResponse(told, 200 if well else 503)

    return [Route("/metrics", tell_metrics), Route("/health", tell_health)]
