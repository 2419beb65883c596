"""`dealwire companies`: who is named, and how often."""

from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import print_json, print_table, say
from dealwire.warehouse import queries


def companies(
    name: Annotated[str | None, typer.Argument(help="Only names with this in them.", show_default=False)] = None,
    limit: options.Limit = 20,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """List companies named in the articles, most mentioned first."""
    with options.opened(db, config).read() as con:
        rows = queries.companies(con, name=name, limit=limit)
    if as_json:
        print_json(rows)
    elif rows:
        columns = ("name", "mentions", "articles", "deals", "known", "first_seen", "last_seen")
        print_table(columns, ([row[column] for column in columns] for row in rows))
    else:
        say("no company found; `dealwire run` reads the feeds")
