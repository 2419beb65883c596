"""`dealwire up`: everything that works by itself on one machine, as processes that are started, watched and stopped.

Light on purpose: what is heavy runs in the parts, and this process only tends them.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from dealwire import home, prefect_server
from dealwire.log import Log, Record
from dealwire.parts import Part, Parts
from dealwire.settings import Settings
from dealwire.web.reach import has_page
from schemas.errors import InvalidInput

_TICK = 0.1
_TELL_EVERY = 4.0
_HEALTH_EVERY = 15.0
_SILENT_MOST = 4
"""Times in a row that a server does not answer before it is thought to hang."""


class Where(NamedTuple):
    """Where `up` listens, and whether it starts a server of its own."""

    host: str = "127.0.0.1"
    port: int = 8765
    server_port: int = 4200
    own_server: bool | None = None
    """None: unless a configured one answers. False: join the configured one."""


class Up:
    """One `up` of a warehouse. `show` is given what there is to say."""

    def __init__(self, settings: Settings, config: Path | None, where: Where, show: Callable[[Record], None]) -> None:
        self._settings, self._config, self._where = settings, config, where
        self._show, self._log = show, Log("up", show)
        self._home = home.Home(settings.database)
        self._stop = threading.Event()
        self._signals = 0
        self._state: dict[str, Any] = {}

    def run(self) -> None:
        """Run until SIGINT or SIGTERM; a second one does not wait. Raises `InvalidInput` if it cannot be begun."""
        with self._home.held():
            self._tell_broken_end()
            api_url, own = self._server()
            port = self._port()
            parts = Parts(self._parts(api_url, own, port), show=self._show, changed=self._note, log=self._log)
            self._tended = parts
            self._state = {
                "pid": os.getpid(),
                "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "database": self._settings.place,
                "prefect": api_url,
                "listener": f"http://{self._where.host}:{port}",
                "ready": False,
            }
            if not has_page(self._settings, self._where.host):
                self._log("closed", "the page is not served to others without a password; see docs/page.md")
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self._signalled)
            try:
                self._tend(parts)
            finally:
                self._log("stopping", "stopping; what was stored stays stored")
                parts.stop(at_once=lambda: self._signals > 1)
                self._state |= {"ended_at": datetime.now(UTC).isoformat(timespec="seconds"), "ready": False}
                self._note()
            self._log("stopped", "stopped")

    def _tend(self, parts: Parts) -> None:
        started = told = checked = time.monotonic()
        silent = 0
        server = next((part for part in parts.parts if part.name == "prefect"), None)
        while not self._stop.is_set():
            parts.tend()
            now = time.monotonic()
            if not self._state["ready"]:
                if all(part.state == "running" for part in parts.parts):
                    self._state["ready"] = True
                    self._note()
                    self._tell_where(parts, now - started)
                elif now - told >= _TELL_EVERY:
                    told = now
                    waiting = " and ".join(part.name for part in parts.parts if part.state != "running")
                    self._log("starting", f"starting {waiting}: {now - started:.0f} s")
            if server is not None and server.state == "running" and now - checked >= _HEALTH_EVERY:
                checked = now
                silent = 0 if prefect_server.reachable(str(self._state["prefect"]), seconds=5) else silent + 1
                if silent >= _SILENT_MOST and server.process is not None:
                    self._log.error("silent", "the Prefect server has not answered for a minute; it is started again")
                    server.process.kill()
                    silent = 0
            self._stop.wait(_TICK)

    def _parts(self, api_url: str | None, own: bool, port: int) -> list[Part]:
        given = {
            "database": self._settings.place,
            "config": str(self._config.resolve()) if self._config else None,
        }
        outer = dict(os.environ)
        if api_url:
            outer["PREFECT_API_URL"] = api_url
        if self._settings.lake:
            # The command lines of processes are there for all to see; their environment is not.
            outer["DEALWIRE_DATABASE"] = self._settings.lake.whole
        parts = []
        if own and api_url:
            server_port = int(api_url.rsplit(":", 1)[1].split("/")[0])
            parts.append(
                Part(
                    "prefect",
                    prefect_server.command(server_port),
                    prefect_server.environment(self._home.server),
                    api_url.removesuffix("/api"),
                    ready=lambda: prefect_server.reachable(api_url, seconds=0.3),
                    log=self._home.server_log,
                )
            )
        worker = json.dumps(given | {"api_url": api_url})
        parts.append(
            Part("worker", [sys.executable, "-P", "-m", "flows.worker", worker], outer, "polls, reads, extracts, links")
        )
        listener = json.dumps(given | {"host": self._where.host, "port": port})
        parts.append(
            Part(
                "listener",
                [sys.executable, "-P", "-m", "dealwire.web.serve", listener],
                outer,
                f"http://{self._where.host}:{port}/ "
                + ("the page, " if has_page(self._settings, self._where.host) else "")
                + "metrics, WebSub hooks",
            )
        )
        return parts

    def _server(self) -> tuple[str | None, bool]:
        """The API address of the server, and whether it is one of our own that is to be started."""
        configured = prefect_server.configured_url()
        if self._where.own_server is False:
            if configured is None:
                raise InvalidInput("no Prefect server is configured: set PREFECT_API_URL, or leave --no-server away")
            if prefect_server.reachable(configured):
                self._log("server", f"joining the Prefect server at {configured}")
            else:
                self._log(
                    "server", f"the Prefect server at {configured} does not answer yet; working without it until then",
                    level="warning",
                )  # fmt: skip
            return configured, False
        if self._where.own_server is None and configured and prefect_server.reachable(configured):
            self._log("server", f"joining the Prefect server at {configured}")
            return configured, False
        port = prefect_server.free_port(self._where.server_port)
        if port != self._where.server_port:
            self._log("server", f"port {self._where.server_port} is taken; Prefect's page is at port {port}")
        first = not (self._home.server / "prefect.db").exists()
        self._log(
            "server", "starting a Prefect server, a worker and a listener"
            + ("; the first time takes up to half a minute longer" if first else ""),
        )  # fmt: skip
        if self._home.server_log.exists():
            # One run's log is kept beside the present one's.
            self._home.server_log.replace(self._home.server_log.with_suffix(".log.1"))
        return f"http://127.0.0.1:{port}/api", True

    def _port(self) -> int:
        port = prefect_server.free_port(self._where.port)
        if port != self._where.port and self._settings.websub_callback:
            raise InvalidInput(f"port {self._where.port} is taken, and hubs call it; free it, or name another: --port")
        if port != self._where.port:
            self._log("port", f"port {self._where.port} is taken; the page and metrics are at port {port}")
        return port

    def _tell_broken_end(self) -> None:
        last = home.read(self._home.state)
        if last and "ended_at" not in last:
            who = f"process {last.get('pid')}, started {last.get('started_at')}"
            self._repaired(f"the last `dealwire up` ({who}) was cut off; its parts have ended with it")
        log = self._settings.database.with_name(self._settings.database.name + ".wal")
        if log.exists() and (size := log.stat().st_size):
            self._repaired(
                f"a writer of {self._settings.database.name} was cut off: what it had committed is taken from its log "
                f"({size:,} bytes), what it had not is undone"
            )

    def _repaired(self, message: str) -> None:
        self._log("repaired", message, level="warning")

    def _tell_where(self, parts: Parts, seconds: float) -> None:
        lines = [f"everything runs after {seconds:.0f} s on {self._state['database']}; stop with Ctrl-C"]
        lines += [f"  {part.name:<9} {part.where}" for part in parts.parts]
        if not any(part.name == "prefect" for part in parts.parts) and self._state["prefect"]:
            lines.append(f"  {'prefect':<9} {self._state['prefect']} (joined)")
        lines.append(f"  {'files':<9} {self._home.folder}")
        for line in lines:
            self._log("runs", line)

    def _signalled(self, number: int, frame: Any) -> None:
        self._signals += 1
        self._stop.set()

    def _note(self) -> None:
        tended = getattr(self, "_tended", None)
        state = {part.name: part.as_state() for part in tended.parts} if tended else {}
        home.write(self._home.state, self._state | {"parts": state})
