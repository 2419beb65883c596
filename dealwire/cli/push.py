"""`dealwire feeds listen` and what belongs to it: hubs tell of news as it appears."""

import threading
from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import print_json, print_table, say
from dealwire.cli.progress import Reporter
from schemas.errors import DealwireError, InvalidInput

_ROUND_SECONDS = 300


def listen(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.", min=1, max=65535)] = 8765,
    callback: Annotated[
        str | None, typer.Option(help="Public address of it (websub_callback).", metavar="URL", show_default=False)
    ] = None,
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Take deliveries from WebSub hubs, and keep subscriptions with them, until stopped.

    The callback has to be reachable for the hubs: set websub_callback to its public address.
    """
    import uvicorn

    from dealwire import callback as app
    from dealwire import push

    settings = options.settings(db, config, websub_callback=callback)
    if not settings.websub_callback:
        raise InvalidInput("hubs need the public address of this listener: --callback URL, or websub_callback")
    stop = threading.Event()

    def keep() -> None:
        # The listener has to be up before the first hub calls back.
        while not stop.wait(2 if not asked_once else _ROUND_SECONDS):
            asked_once.append(True)
            try:
                with Reporter() as progress:
                    asked = push.keep(settings, progress=progress)
                for one in asked:
                    say(f"asked {one.hub} for {one.topic}")
            except DealwireError as error:
                say(f"{error}; trying again in {_ROUND_SECONDS // 60} minutes")

    asked_once: list[bool] = []
    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    say(f"listening at http://{host}:{port}/ for deliveries to {settings.websub_callback}; stop with Ctrl-C")
    try:
        uvicorn.run(app.application(settings), host=host, port=port, log_level="warning", access_log=False)
    finally:
        stop.set()


def subscriptions(db: options.Db = None, config: options.Config = None, as_json: options.Json = False) -> None:
    """List the feeds that have a hub, and how their subscriptions stand."""
    from dealwire.warehouse import queries
    from dealwire.warehouse import subscriptions as stored

    with options.opened(db, config).read() as con:
        feeds = {feed.feed_id: feed for feed in queries.feeds(con)}
        found = [one for one in stored.all_of_them(con).values() if one.hub]
    rows = [
        {"feed": feeds[one.feed_id].title or feeds[one.feed_id].url if one.feed_id in feeds else one.feed_id}
        | one.model_dump(include={"hub", "state", "expires_at", "last_push_at", "pushes", "error"}, mode="json")
        for one in found
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(tuple(rows[0]), (tuple(row.values()) for row in rows))
    else:
        say("no feed with a hub is known; `dealwire feeds listen` looks for them")


def unsubscribe(
    which: Annotated[list[str] | None, typer.Argument(help="Addresses or ids of feeds; none: all.")] = None,
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Ask hubs to deliver no more; the listener has to be running, for the hubs ask back."""
    from dealwire import push
    from dealwire.warehouse import queries

    settings = options.settings(db, config)
    with options.opened(db, config).read() as con:
        feeds = queries.feeds(con)
    chosen = [feed.feed_id for feed in feeds if which and {feed.url, feed.feed_id} & set(which)]
    if which and not chosen:
        raise InvalidInput(f"no feed {which[0]}; `dealwire feeds list` shows them")
    with Reporter() as progress:
        ended = push.end(settings, feed_ids=chosen if which else None, progress=progress)
    say(f"asked {len(ended)} hubs to deliver no more" if ended else "there is no subscription to end")
