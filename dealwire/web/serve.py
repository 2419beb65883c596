"""Serving the app: for `dealwire web`, and as the part of `dealwire up` that listens."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dealwire.settings import load
from dealwire.web.reach import has_page

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def serve(app: "ASGIApp", host: str, port: int, ready: Callable[[], None]) -> bool:
    """Serve until SIGINT or SIGTERM; `ready` is called once it listens. False: it could not."""
    import uvicorn

    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        # Open pages hold a web socket; nobody waits for them to be closed.
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    server = uvicorn.Server(config)

    def tell() -> None:
        while not server.started and not server.should_exit:
            time.sleep(0.05)
        if server.started:
            ready()

    threading.Thread(target=tell, daemon=True).start()
    server.run()
    return server.started


def main() -> None:
    """Serve, as a part of `dealwire up`; the argument is JSON: `database`, `config`, `host`, `port`."""
    from dealwire import parts
    from dealwire.log import Log, to_parent

    given = json.loads(sys.argv[1])
    settings = load(Path(given["config"]) if given["config"] else None, database=Path(given["database"]))
    log = Log("listener", to_parent)
    parts.end_with_parent()
    # Ctrl-C on the terminal is for the one that started us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    app: ASGIApp
    if has_page(settings, given["host"]):
        from dealwire.web.app import create

        app = create(settings, host=given["host"])
    else:
        from dealwire.listener import application

        app = application(settings)
    started = serve(app, given["host"], given["port"], lambda: log("ready", "listening"))
    os._exit(0 if started else 1)


if __name__ == "__main__":
    main()
