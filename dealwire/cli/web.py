"""`dealwire web`: the page, on its own."""

from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import say


def web(
    host: Annotated[str, typer.Option(help="Address to listen at; others than this machine's need a password.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="Its port.", min=1, max=65535)] = 8765,
    hash_password: Annotated[
        bool, typer.Option("--hash", help="Ask for a password, print its hash for dealwire.toml, and end.")
    ] = False,
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Serve the page until Ctrl-C: alliances, map, companies, articles, feeds, SQL, and the JSON API.

    `dealwire up` serves it, too. It loads nothing from elsewhere.
    """
    if hash_password:
        from dealwire.web.sessions import hashed

        typer.echo(hashed(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)))
        return
    settings = options.settings(db, config)
    from dealwire.prefect_server import free_port
    from dealwire.web.app import create
    from dealwire.web.serve import serve
    from schemas.errors import InvalidInput

    if free_port(port) != port:
        raise InvalidInput(f"port {port} is taken, perhaps by `dealwire up`, which serves the page, too; name another")
    app = create(settings, host=host)
    shown = f"[{host}]" if ":" in host else host
    if not serve(app, host, port, lambda: say(f"the page is at http://{shown}:{port}/; stop with Ctrl-C")):
        raise InvalidInput(f"{host} is no address of this machine")
