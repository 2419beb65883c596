"""`dealwire articles`: what was stored, and what was read out of it."""

from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import money, print_json, print_table, say, sides
from dealwire.warehouse import queries
from schemas.errors import InvalidInput

app = typer.Typer(help="Look at the stored articles.", no_args_is_help=True)


@app.command("list")
def listed(
    limit: options.Limit = 20, db: options.Db = None, config: options.Config = None, as_json: options.Json = False
) -> None:
    """List articles, newest first."""
    with options.opened(db, config).read() as con:
        rows = queries.articles(con, limit=limit)
    if as_json:
        print_json(rows)
    elif rows:
        columns = ("article_id", "published_at", "site", "title", "read_status", "deals")
        print_table(columns, ([row[column] for column in columns] for row in rows))
    else:
        say("no article stored; `dealwire feeds add URL`, then `dealwire run`")


@app.command("show")
def show(
    article: Annotated[str, typer.Argument(help="The article's id, or its beginning.", metavar="ID")],
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Show an article with the deals read out of it, each with its sentence."""
    with options.opened(db, config).read() as con:
        found = queries.article(con, article)
        if found is None:
            raise InvalidInput(f"no article's id begins with {article!r}; `dealwire articles list` shows them")
        claims = queries.claims_of(con, found["article_id"])
        mentions = queries.mentions_of(con, found["article_id"])
    if as_json:
        print_json({**found, "claims": claims, "mentions": mentions})
        return
    typer.echo(
        f"{found['title']}\n{found['url']}\n{found['site']}, {found['published_at'] or found['first_seen_at']}\n"
    )
    typer.echo((found["text"] or "(not read yet)") + "\n")
    for claim in claims:
        amount = money(claim["currency"], claim["amount_min"], claim["amount_max"])
        typer.echo(f"{claim['kind']} ({claim['status']}): {sides(claim)} {amount}".rstrip())
        typer.echo(f"    “{' '.join(claim['evidence'].split())}”")
    if mentions:
        print_table(("label", "name", "mentions"), ((row["label"], row["entity"], row["mentions"]) for row in mentions))


@app.command("reread")
def reread(db: options.Db = None, config: options.Config = None) -> None:
    """Read the kept pages again, without the network; texts that come out otherwise are extracted again."""
    from dealwire import steps
    from dealwire.cli.progress import Reporter

    with Reporter() as progress:
        report = steps.reread(options.settings(db, config), progress=progress)
    say(f"{report.articles} pages read again, {report.revised} texts have changed")
