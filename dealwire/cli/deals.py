"""`dealwire alliances` and `dealwire deals`: what was found, newest first."""

from typing import Annotated, Any

import typer

from dealwire.cli import options
from dealwire.cli.output import money, print_json, print_table, say
from dealwire.warehouse import queries
from schemas.deal import DealKind, DealStatus

Party = Annotated[str | None, typer.Option("--party", help="Only with this company.", show_default=False)]


def alliances(
    since: options.Since = None,
    party: Party = None,
    limit: options.Limit = 20,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """List alliances: what one announcement ties together, newest first."""
    with options.opened(db, config).read() as con:
        rows = queries.alliances(con, since=since.date() if since else None, party=party, limit=limit)
    if as_json:
        print_json(rows)
    elif rows:
        show_alliances(rows)
    else:
        say("no alliance found; `dealwire run` looks for new ones")


def show_alliances(rows: list[dict[str, Any]]) -> None:
    """Print alliances as a table, one line a leg."""
    print_table(
        ("date", "alliance", "legs", "sources"),
        ((row["announced_on"], "\n".join(row["parties"]), "\n".join(row["legs"]), row["sources"]) for row in rows),
    )


def deals(
    since: options.Since = None,
    party: Party = None,
    kind: Annotated[DealKind | None, typer.Option("--kind", help="Only this kind.", show_default=False)] = None,
    status: Annotated[DealStatus | None, typer.Option("--status", help="Only this status.", show_default=False)] = None,
    limit: options.Limit = 20,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """List deals, newest first."""
    with options.opened(db, config).read() as con:
        rows = queries.deals(
            con,
            since=since.date() if since else None,
            party=party,
            kind=kind.value if kind else None,
            status=status.value if status else None,
            limit=limit,
        )
    if as_json:
        print_json(rows)
    elif rows:
        print_table(
            ("date", "kind", "status", "who", "amount", "MW", "sources"),
            (
                (
                    row["announced_on"],
                    row["kind"],
                    row["status"],
                    _who(row),
                    money(row["currency"], row["amount_min"], row["amount_max"]),
                    row["capacity_mw"],
                    row["sources"],
                )
                for row in rows
            ),
        )
    else:
        say("no deal found; `dealwire run` looks for new ones")


def _who(row: dict[str, Any]) -> str:
    if row["parties"]:
        return " + ".join(row["parties"])
    return f"{', '.join(row['payers'])} → {', '.join(row['payees'])}"
