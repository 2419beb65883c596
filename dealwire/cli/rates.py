"""`dealwire rates`: the exchange rates that amounts in other currencies are turned into US dollars with."""

from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import print_json, say

app = typer.Typer(help="Exchange rates.", no_args_is_help=True)


@app.command("update")
def update(
    source: Annotated[
        str | None,
        typer.Argument(
            help="A CSV or zip file of the European Central Bank's reference rates, or its address; "
            "default: the last working day's, from the bank.",
            metavar="[FILE|URL]",
            show_default=False,
        ),
    ] = None,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Store the European Central Bank's rates of one day or many; the next `dealwire run` converts with them."""
    from dealwire import steps

    report = steps.update_rates(options.settings(db, config), source)
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        say(f"{report.rates} rates of {report.currencies} currencies stored, {report.first_day} to {report.last_day}")
