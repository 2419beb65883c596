"""The command tree. A command's module is imported when the command is called; the list of commands imports none."""

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "init": ("init:init", "Write a commented dealwire.toml with every setting at its default, and add feeds."),
    "feeds": ("feeds:app", "Add, list, remove and import feeds."),
    "backfill": ("backfill:backfill", "Store articles of the past; `dealwire run` then reads and extracts them."),
    "run": ("run:run", "Poll the due feeds, read their articles, extract records, link deals."),
    "up": ("up:up", "Do all of that by itself, until stopped: server, worker, schedules, page, hooks, metrics."),
    "web": ("web:web", "Serve the page: alliances, map, companies, articles, feeds and SQL in the browser."),
    "status": ("status:status", "Show what runs, what waits, what fails, and how long news takes."),
    "alliances": ("deals:alliances", "List alliances: what one announcement ties together, newest first."),
    "deals": ("deals:deals", "List deals, newest first."),
    "why": ("why:why", "Show every claim that a deal rests on: sentence, source, date, extractor."),
    "claims": ("claims:app", "Report claims as wrong, so that no deal is made of them, and take that back."),
    "timeline": ("why:timeline", "List a company's deals in the order it happened: talks, announcements, ends."),
    "flows": ("flows:flows", "List who pays whom, largest first."),
    "circles": ("flows:circles", "List loops and cycles of money, highest score first."),
    "companies": ("companies:app", "List the companies named in the articles, and merge those that are one."),
    "articles": ("articles:app", "Look at the stored articles."),
    "sql": ("sql:sql", "Ask the warehouse in DuckDB's SQL."),
    "export": ("export:export", "Write all deals, alliances or flows to a file."),
    "notify": ("notify:app", "Tell others of alliances: webhooks, Slack, mail, commands."),
    "publish": ("publish:publish", "Put a read-only copy in place for dashboards and notebooks."),
    "warehouse": ("warehouse:app", "Move the warehouse from a file to a DuckLake, and back."),
    "rates": ("rates:app", "Exchange rates."),
    "extract": ("extract:extract", "Read texts and write what is found in each; --stale: read stored articles again."),
    "extractors": ("extractors:app", "Extractors of your own: list, begin, try, score and drop them."),
    "eval": ("evaluate:evaluate", "Score mentions and deals against annotated documents."),
    "demo": ("demo:demo", "Read the bundled sample site through the whole pipeline."),
    "doctor": ("doctor:doctor", "Check the installation, the settings, the database and the Prefect server."),
}
"""By name: module and attribute in this package, and the line in `dealwire --help`."""


class Commands(TyperGroup):
    """The group of `COMMANDS`."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        # What is suggested for a misspelt name is looked up here; `get_command` never reads it.
        self.commands = dict.fromkeys(COMMANDS, None)  # type: ignore[assignment]

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, its module imported now; None if there is none of that name."""
        return command(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list in the help text."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def command(name: str) -> Any:
    """The command or group of commands of that name."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(import_module(f"dealwire.cli.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        function, found = found, typer.Typer(add_completion=False, rich_markup_mode=None)
        found.command(name)(function)
    built = typer.main.get_command(found)
    built.name = name
    return built


app = typer.Typer(
    name="dealwire",
    cls=Commands,
    help="Read tech-news feeds and keep who pays whom, for what and how much, in DuckDB.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from dealwire import __version__

        typer.echo(f"dealwire {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = (
        False
    ),
) -> None: ...
