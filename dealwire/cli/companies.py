"""`dealwire companies`: who is named, and how often; and which names mean the same company."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from dealwire.cli import options
from dealwire.cli.output import ask, print_json, print_table, say
from dealwire.warehouse import corrections, queries
from dealwire.warehouse.connect import Warehouse


class _Listing(TyperGroup):
    """`companies`, alone or with a name, is `companies list`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Listing,
    help="List the companies named in the articles, and merge those that are one; alone or with a NAME it lists.",
)
Name = Annotated[str, typer.Argument(help="Name or id.", metavar="NAME|ID")]


@app.command("list")
def listed(
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


@app.command("merge")
def merge(
    one: Annotated[str, typer.Argument(help="Name or id of the company that becomes the other.", metavar="A")],
    into: Annotated[str, typer.Argument(help="Name or id of the company that it becomes.", metavar="B")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Make company A a name of company B, in all that is stored and all that will be; deals that become one are merged.

    `dealwire companies split A` takes it back.
    """
    from dealwire import catalogue, merging, steps

    settings, store = options.settings(db, config), options.opened(db, config)
    catalogue.prepare(settings)
    with store.read() as con:
        found = merging.find(con, one, into)
    if found.done:
        say(f"{found.one['name']} is {found.into['name']} already")
        return
    if not yes:
        ask(f"{_told(found.one)} becomes {_told(found.into)}; go on?")
    before = _deals(store)
    merging.merge(settings, found.one["company_id"], found.into["company_id"])
    report = steps.link(settings)
    say(f"{_told(found.one)} is {found.into['name']} now; {_deals_told(before, report.deals)}")


@app.command("split")
def split(name: Name, db: options.Db = None, config: options.Config = None) -> None:
    """Take back that a company was merged into another."""
    from dealwire import merging, steps

    settings = options.settings(db, config)
    before = _deals(options.opened(db, config))
    old = merging.split(settings, name)
    report = steps.link(settings)
    say(f"{old.name} is a company of its own again, beside {old.into_name}; {_deals_told(before, report.deals)}")


@app.command("merged")
def merged(db: options.Db = None, config: options.Config = None, as_json: options.Json = False) -> None:
    """List the names that were merged into others, by command or by the alias file."""
    with options.opened(db, config).read() as con:
        rows = [one.model_dump(mode="json") for one in corrections.merges(con)]
    if as_json:
        print_json(rows)
    elif rows:
        columns = ("name", "into_name", "source", "merged_at")
        print_table(columns, ([row[column] for column in columns] for row in rows))
    else:
        say("no company was merged; `dealwire companies merge A B` does it")


def _told(row: dict[str, Any]) -> str:
    return f"{row['name']} ({row['mentions']} mentions in {row['articles']} articles)"


def _deals(store: Warehouse) -> int:
    with store.read() as con:
        return len(queries.deal_ids(con))


def _deals_told(before: int, after: int) -> str:
    return f"{before} deals became {after}" if before != after else f"still {after} deals"
