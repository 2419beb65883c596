"""`dealwire why` and `dealwire timeline`: what a deal rests on, and what a company did when."""

from typing import Annotated

import typer

from dealwire import wording
from dealwire.cli import options
from dealwire.cli.output import money, plain, print_json, print_table, say, sides
from dealwire.warehouse import queries
from schemas.errors import InvalidInput


def why(
    deal: Annotated[str, typer.Argument(help="The deal's id, or its beginning.", metavar="DEAL")],
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Show every claim that a deal rests on: sentence, source, date, extractor and its version."""
    with options.opened(db, config).read() as con:
        found = queries.deal(con, deal)
        if found is None:
            raise InvalidInput(f"no deal's id begins with {deal!r}; `dealwire deals` shows them")
        claims = queries.evidence_of(con, found["deal_id"])
        history = queries.history_of(con, found["deal_id"])
    if as_json:
        print_json({**found, "history": history, "claims": claims})
        return
    amount = money(found["currency"], found["amount_min"], found["amount_max"])
    typer.echo(plain(f"{wording.kind(found['kind'])}: {sides(found)} {amount}".rstrip()))
    typer.echo(f"{found['status']}: " + ", ".join(f"{step['status']} since {step['since']}" for step in history))
    if stated := wording.terms(found):
        typer.echo(stated)
    if found["amounts_disagree"]:
        typer.echo("its sources state different amounts")
    typer.echo(
        f"confidence {found['confidence']:.2f}, {wording.count(found['sources'], 'site')}, deal {found['deal_id']}"
    )
    for claim in claims:
        said = money(claim["currency"], claim["amount_min"], claim["amount_max"])
        terms = f"{wording.kind(claim['kind'])} ({claim['status']}) {sides(claim)} {said}".rstrip()
        typer.echo(f"\n{claim['published_at']:%Y-%m-%d}  {plain(claim['site'])}: {plain(claim['title'] or '')}")
        typer.echo(f"  “{plain(' '.join(claim['evidence'].split()))}”")
        typer.echo(f"  read as {plain(terms)}, confidence {claim['confidence']:.2f}, ", nl=False)
        typer.echo(
            f"by {claim['extractor']} {claim['version']}, claim {claim['claim_id'][:10]}\n  {plain(claim['url'])}"
        )


def timeline(
    company: Annotated[str, typer.Argument(help="The company's name, an alias or its id.")],
    since: options.Since = None,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """List what is known of a company's deals in the order it happened: talks, announcements, ends."""
    with options.opened(db, config).read() as con:
        name = queries.company_named(con, company)
        rows = queries.timeline(con, name, since=since.date() if since else None)
    if as_json:
        print_json(rows)
    elif rows:
        print_table(
            ("date", "what", "kind", "who", "amount", "sources", "id"),
            (
                (
                    row["since"],
                    row["status"],
                    row["kind"],
                    sides(row),
                    money(row["currency"], row["amount_min"], row["amount_max"]),
                    row["sources"],
                    row["deal_id"][:10],
                )
                for row in rows
            ),
        )
    else:
        say(f"no deal of {name} is known" + (" since that day" if since else ""))
