"""`dealwire claims`: what was read out of articles wrongly, as you say."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import money, print_json, print_table, say, sides
from dealwire.opening import warehouse
from dealwire.settings import Settings
from dealwire.warehouse.connect import Warehouse
from schemas.errors import WarehouseMissing

app = typer.Typer(help="Report claims as wrong, list those that were, take it back.", no_args_is_help=True)
Claim = Annotated[str, typer.Argument(help="The claim's id, or its beginning; see `dealwire why`.", metavar="CLAIM")]


@app.command("reject")
def reject(
    claim: Claim,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, for others and later.", show_default=False)] = (
        None
    ),
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Report a claim as wrong: it is kept, but no deal is made of it any more."""
    from dealwire.warehouse import rejected

    settings = options.settings(db, config)
    with _there(settings).write() as con:
        claim_id = rejected.reject(con, claim, now=datetime.now(UTC), reason=reason)
    _link(settings)
    say(f"claim {claim_id} makes no deal any more; `dealwire claims restore {claim_id[:10]}` takes that back")


@app.command("restore")
def restore(claim: Claim, db: options.Db = None, config: options.Config = None) -> None:
    """Take back that a claim was reported as wrong."""
    from dealwire.warehouse import rejected

    settings = options.settings(db, config)
    with _there(settings).write() as con:
        claim_id = rejected.restore(con, claim)
    _link(settings)
    say(f"claim {claim_id} counts again")


@app.command("rejected")
def listed(db: options.Db = None, config: options.Config = None, as_json: options.Json = False) -> None:
    """List the claims that were reported as wrong."""
    from dealwire.warehouse import rejected

    with options.opened(db, config).read() as con:
        rows = rejected.listed(con)
    if as_json:
        print_json(rows)
    elif rows:
        print_table(
            ("reported", "kind", "who", "amount", "article", "reason", "id"),
            (
                (
                    row["rejected_at"],
                    row["kind"],
                    sides(row),
                    money(row["currency"], row["amount_min"], row["amount_max"]),
                    row["title"] or row["url"],
                    row["reason"],
                    row["claim_id"][:10],
                )
                for row in rows
            ),
        )
    else:
        say("no claim was reported as wrong; `dealwire claims reject CLAIM` does that")


def _there(settings: Settings) -> Warehouse:
    """The warehouse, which is not made for this. Raises `WarehouseMissing`."""
    store = warehouse(settings, options.waiting)
    if not store.exists():
        raise WarehouseMissing(store.place)
    return store


def _link(settings: Settings) -> None:
    from dealwire import steps

    steps.link(settings)
