"""`dealwire demo`: the whole path on the bundled sample site, under a temporary Prefect server."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dealwire.cli.deals import show_alliances
from dealwire.cli.output import say
from dealwire.cli.progress import Reporter
from dealwire.cli.run import summarise
from dealwire.settings import Settings, load
from dealwire.warehouse import load as loading
from dealwire.warehouse import queries
from dealwire.warehouse.connect import Warehouse
from schemas import Feed, RunReport

_QUESTIONS = (
    ("who pays whom most", "SELECT payer, payee, kind, currency, amount_max, announced_on FROM money_flows "
     "ORDER BY usd_max DESC NULLS LAST LIMIT 5"),
    ("what comes back to where it came from", "SELECT companies, usd, score FROM circular_flows ORDER BY score DESC"),
    ("which chips are in the news", "SELECT entity, count(*) AS mentions, count(DISTINCT article_id) AS articles "
     "FROM mentions WHERE label = 'CHIP' GROUP BY entity ORDER BY mentions DESC LIMIT 10"),
)  # fmt: skip


def demo(
    db: Annotated[Path, typer.Option("--db", metavar="FILE", help="Where the demo's data goes.")] = Path(
        "dealwire-demo.duckdb"
    ),
    inline: Annotated[bool, typer.Option("--inline", help="Without a Prefect server; starts faster.")] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the sample site; 0: any.")] = 0,
) -> None:
    """Serve the bundled sample site on loopback, read it through the whole pipeline, and show what was found."""
    from dealwire.demo.serve import serving

    started = time.monotonic()
    with Reporter() as progress, serving(port) as site:
        progress.say(f"serving the sample site: 5 outlets that do not exist, at {site.address}")
        settings = load(database=db, poll_every_minutes=0, connect_to=site.connect_to)
        _add_feeds(settings, site.feeds)
        report = _run(settings, progress, inline=inline)
    summarise(report, settings)
    _show(settings)
    say(f"\nDone in {time.monotonic() - started:.0f} s. Run it again: nothing is read twice.")


def _run(settings: Settings, progress: Reporter, *, inline: bool) -> RunReport:
    from dealwire import steps
    from dealwire.prefect_server import temporary_server

    if inline:
        return steps.run(settings, progress=progress, everything=True)
    with temporary_server(progress.say) as url:
        progress.say(f"running the flows ingest, extract and link under a temporary Prefect server at {url}")
        from flows.pipeline import run_pipeline

        report = run_pipeline(settings, progress=progress, everything=True, api_url=url)
        progress.say("stopping the Prefect server")
    return report


def _add_feeds(settings: Settings, urls: list[str]) -> None:
    from dealwire.feeds import identity

    with Warehouse(settings.database, wait_seconds=settings.lock_seconds).write() as con:
        there = {feed.url for feed in queries.feeds(con)}
        now = datetime.now(UTC)
        new = [Feed(feed_id=identity.feed_id(url), url=url, added_at=now) for url in urls if url not in there]
        loading.store_feeds(con, new)


def _show(settings: Settings) -> None:
    with Warehouse(settings.database, wait_seconds=settings.lock_seconds).read() as con:
        rows = queries.alliances(con, limit=50)
        told = queries.deals(con, limit=50)
    typer.echo()
    show_alliances(rows)
    best = max(told, key=lambda row: (row["sources"], row["usd_max"] or 0), default=None)
    if best and best["evidence"]:
        typer.echo(f"The sentence behind one of them ({best['best_source']}):")
        typer.echo(f"  “{' '.join(best['evidence'].split())}”\n")
    typer.echo(f"Everything lies in {settings.database.resolve()}. Ask it:\n")
    for meaning, query in _QUESTIONS:
        typer.echo(f'# {meaning}\ndealwire sql --db {settings.database} "{query}"\n')
