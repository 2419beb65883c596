"""The command tree."""

from typing import Annotated

import typer

from dealwire import __version__
from dealwire.cli import articles, backfill, companies, deals, demo, doctor, evaluate, extract, feeds, init, run, sql

app = typer.Typer(
    name="dealwire",
    help="Read tech-news feeds and keep who pays whom, for what and how much, in DuckDB.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dealwire {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = (
        False
    ),
) -> None: ...


app.command("init")(init.init)
app.add_typer(feeds.app, name="feeds")
app.command("backfill")(backfill.backfill)
app.command("run")(run.run)
app.command("alliances")(deals.alliances)
app.command("deals")(deals.deals)
app.add_typer(companies.app, name="companies")
app.add_typer(articles.app, name="articles")
app.command("sql")(sql.sql)
app.command("extract")(extract.extract)
app.command("eval")(evaluate.evaluate)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
