"""`dealwire sql`: one question to the warehouse."""

import sys
from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import print_csv, print_json, print_table, say
from dealwire.warehouse import queries
from schemas.errors import InvalidInput


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT; - reads it from standard input.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Ask the warehouse in DuckDB's SQL; docs/schema.md lists the tables and views. Changes nothing."""
    if as_csv and as_json:
        raise InvalidInput("choose one of --csv and --json")
    text = sys.stdin.read() if query == "-" else query
    columns, rows = queries.run_sql(options.opened(db, config), text)
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif as_csv:
        print_csv(columns, rows)
    else:
        print_table(columns, rows)
        say(f"{len(rows)} row{'s' if len(rows) != 1 else ''}")
