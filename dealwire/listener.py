"""The listener: what `dealwire up` serves over HTTP beside Prefect's page: `/metrics`, `/health`, and WebSub's hooks.

Only the hooks have to be reachable for others; whoever publishes them through a proxy need not publish the rest.
"""

import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from dealwire import callback, metrics, steps, watching
from dealwire.feeds.parsers import Parsers
from dealwire.settings import Settings, load
from schemas.errors import DealwireError

_FRESH_SECONDS = 5.0
_WARMING = b'<rss version="2.0"><channel><title>Warm</title></channel></rss>'


def application(settings: Settings, parsers: Parsers | None = None) -> Starlette:
    """The app; it keeps no state but the metrics of the last few seconds. `parsers`: of deliveries, kept warm."""
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

    return Starlette(
        routes=[
            Route("/metrics", tell_metrics),
            Route("/health", tell_health),
            Mount("/", callback.application(settings, parsers=parsers)),
        ]
    )


def main() -> None:
    """Serve, as a part of `dealwire up`; the argument is JSON: `database`, `config`, `host`, `port`."""
    import uvicorn

    from dealwire import parts
    from dealwire.log import Log, to_parent

    given = json.loads(sys.argv[1])
    settings = load(Path(given["config"]) if given["config"] else None, database=Path(given["database"]))
    log = Log("listener", to_parent)
    parsers = steps.parsers(settings)
    config = uvicorn.Config(
        application(settings, parsers), host=given["host"], port=given["port"], log_level="warning", access_log=False
    )
    server = uvicorn.Server(config)

    def tell() -> None:
        with suppress(DealwireError):
            # The first delivery shall not wait for the process that parses it.
            parsers.parse(_WARMING, url="http://warm.example/", content_type="text/xml")
        while not server.started and not server.should_exit:
            time.sleep(0.05)
        if server.started:
            log("ready", "listening")

    parts.end_with_parent()
    # Ctrl-C on the terminal is for the one that started us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=tell, daemon=True).start()
    server.run()
    os._exit(0 if server.started else 1)


if __name__ == "__main__":
    main()
