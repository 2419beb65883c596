"""`dealwire flows` and `dealwire circles`: who pays whom, and money that comes back."""

from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import money, print_json, print_table, say
from dealwire.warehouse import queries

Hubs = Annotated[bool, typer.Option("--hubs", help="The companies that most circles pass, with their scores.")]


def flows(
    party: options.Party = None,
    limit: options.Limit = 20,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """List who pays whom, largest first; a sum that several share stands in brackets."""
    with options.opened(db, config).read() as con:
        rows = queries.flows(con, company=queries.company_named(con, party) if party else None, limit=limit)
    if as_json:
        print_json(rows)
    elif rows:
        print_table(
            ("payer", "payee", "kind", "flow", "status", "amount", "MW", "date", "sources"),
            (
                (
                    row["payer"],
                    row["payee"],
                    row["kind"],
                    row["flow"].lower().replace("_", " "),
                    row["status"],
                    money(row["currency"], row["amount_min"], row["amount_max"])
                    or _shared(money(row["currency"], row["round_amount_min"], row["round_amount_max"])),
                    row["capacity_mw"],
                    row["announced_on"],
                    row["sources"],
                )
                for row in rows
            ),
        )
    else:
        say("no flow of money found; `dealwire run` looks for new deals")


def circles(
    party: options.Party = None,
    hubs: Hubs = False,
    limit: options.Limit = 20,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """List loops and cycles of money, highest score first: A pays B, who pays A; or by way of up to three others."""
    with options.opened(db, config).read() as con:
        company = queries.company_named(con, party) if party else None
        if hubs:
            rows = queries.hubs(con, company=company, limit=limit)
        else:
            rows = queries.circles(con, company=company, limit=limit)
    if as_json:
        print_json(rows)
    elif rows and hubs:
        print_table(
            ("company", "loops", "cycles", "score"),
            ((row["company"], row["loops"], row["cycles"], round(row["hub_score"], 3)) for row in rows),
        )
    elif rows:
        print_table(
            ("circle", "what each buys", "known sums", "score"),
            (
                (
                    " → ".join([*row["companies"], row["companies"][0]]),
                    ", ".join(flow.lower().replace("_", " ") for flow in row["flows"]),
                    money("USD", row["usd"], row["usd"]),
                    round(row["score"], 3),
                )
                for row in rows
            ),
        )
    else:
        say("no money comes back to where it came from, as far as is known")


def _shared(amount: str) -> str:
    return f"({amount})" if amount else ""
