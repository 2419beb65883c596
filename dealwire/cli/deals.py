"""`dealwire alliances` and `dealwire deals`: what was found, newest first."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from dealwire.cli import options
from dealwire.cli.output import money, print_json, print_table, say, sides
from dealwire.warehouse import queries
from schemas.deal import DealKind, DealStatus

Kind = Annotated[DealKind | None, typer.Option("--kind", help="Only this kind.", show_default=False)]
Status = Annotated[DealStatus | None, typer.Option("--status", help="Only this status.", show_default=False)]


class Format(StrEnum):
    """How alliances are printed."""

    TABLE = "table"
    JSON = "json"
    ATOM = "atom"


def alliances(
    since: options.Since = None,
    party: options.Party = None,
    kind: Kind = None,
    min_usd: options.MinUsd = None,
    status: Status = None,
    limit: options.Limit = 20,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
    form: Annotated[Format, typer.Option("--format", help="atom: a feed that others can subscribe to.")] = Format.TABLE,
) -> None:
    """List alliances: what one announcement ties together, newest first."""
    asked = _asked(since, kind, min_usd, status)
    with options.opened(db, config).read() as con:
        company = queries.company_named(con, party) if party else None
        rows = queries.alliances(con, **asked, party=company, limit=limit)
        told = queries.told_in(con, [row["alliance_id"] for row in rows]) if form is Format.ATOM else {}
    if form is Format.ATOM:
        from dealwire import atom

        typer.echo(atom.feed(rows, told, asked={**asked, "party": company}))
    elif as_json or form is Format.JSON:
        print_json(rows)
    elif rows:
        show_alliances(rows)
    else:
        say(_nothing("alliance", {**asked, "party": company}))


def show_alliances(rows: list[dict[str, Any]]) -> None:
    """Print alliances as a table, one line a leg."""
    print_table(
        ("date", "alliance", "legs", "sources"),
        ((row["announced_on"], "\n".join(row["parties"]), "\n".join(row["legs"]), row["sources"]) for row in rows),
    )


def deals(
    since: options.Since = None,
    party: options.Party = None,
    kind: Kind = None,
    min_usd: options.MinUsd = None,
    status: Status = None,
    limit: options.Limit = 20,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """List deals, newest first; `dealwire why ID` shows what one rests on."""
    asked = _asked(since, kind, min_usd, status)
    with options.opened(db, config).read() as con:
        company = queries.company_named(con, party) if party else None
        rows = queries.deals(con, **asked, party=company, limit=limit)
    if as_json:
        print_json(rows)
    elif rows:
        print_table(
            ("date", "kind", "status", "who", "amount", "MW", "sources", "id"),
            (
                (
                    row["announced_on"],
                    row["kind"],
                    row["status"],
                    sides(row),
                    money(row["currency"], row["amount_min"], row["amount_max"]),
                    row["capacity_mw"],
                    row["sources"],
                    row["deal_id"][:10],
                )
                for row in rows
            ),
        )
    else:
        say(_nothing("deal", {**asked, "party": company}))


def _asked(
    since: datetime | None, kind: DealKind | None, min_usd: float | None, status: DealStatus | None
) -> dict[str, Any]:
    return {
        "since": since.date() if since else None,
        "kind": kind.value if kind else None,
        "status": status.value if status else None,
        "min_usd": min_usd,
    }


def _nothing(what: str, asked: dict[str, Any]) -> str:
    if any(value is not None for value in asked.values()):
        return f"no {what} fits; leave out a filter to see more"
    return f"no {what} found; `dealwire run` looks for new ones"
