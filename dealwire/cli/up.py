"""`dealwire up`: server, worker, schedules, page and hooks on one machine, until it is stopped."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from dealwire.cli import options


class LogFormat(StrEnum):
    """How log lines look."""

    TEXT = "text"
    JSON = "json"


def up(
    no_server: Annotated[
        bool, typer.Option("--no-server", help="Join the server of PREFECT_API_URL, and start none.")
    ] = False,
    own_server: Annotated[
        bool, typer.Option("--own-server", help="Start a server, though a configured one answers.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address at which page, metrics and hooks are served.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port.", min=1, max=65535)] = 8765,
    server_port: Annotated[int, typer.Option(help="Port of the Prefect server that is started.", min=1, max=65535)] = (
        4200
    ),
    log_format: Annotated[LogFormat, typer.Option(help="Log lines for people, or JSON, one object a line.")] = (
        LogFormat.TEXT
    ),
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Run everything until Ctrl-C: feeds are polled when they are due, articles become deals, events are sent.

    Starts a Prefect server, unless a configured one answers, a worker that stays warm, and a listener for the page,
    metrics and WebSub hubs. A part that ends is started again.
    """
    from dealwire.log import Record, as_json, as_text
    from dealwire.up import Up, Where
    from schemas.errors import InvalidInput

    if no_server and own_server:
        raise InvalidInput("give --no-server or --own-server, not both")
    written = as_json if log_format is LogFormat.JSON else as_text

    def show(record: Record) -> None:
        sys.stderr.write(written(record) + "\n")
        sys.stderr.flush()

    own = False if no_server else True if own_server else None
    where = Where(host=host, port=port, server_port=server_port, own_server=own)
    Up(options.settings(db, config), config, where, show).run()
