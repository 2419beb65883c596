"""`dealwire feeds poll` and `dealwire feeds health`: asking feeds now, and how they have been."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import print_json, print_json_line, print_table, say
from dealwire.cli.progress import Reporter
from dealwire.settings import Settings
from dealwire.warehouse import load, queries
from schemas import Feed, PollTold


def poll(
    urls: Annotated[
        list[str] | None,
        typer.Argument(help="Addresses of feeds; new ones are added. None: all that are due.", metavar="[URL...]"),
    ] = None,
    db: options.Db = None,
    config: options.Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON a poll, as they are stored.")] = False,
) -> None:
    """Poll feeds now, due or not, and store what is new in them. A feed that fails says why in its line."""
    from dealwire import steps

    settings = options.settings(db, config)

    def told(polls: Sequence[PollTold]) -> None:
        for one in polls:
            if as_json:
                print_json_line(one.model_dump(mode="json", exclude={"note"}))
            else:
                say(_line(one))

    only = None
    if urls:
        only, unusable = _known(urls, settings)
        told(unusable)
        if not only:
            return
    with Reporter() as progress:
        report = steps.poll(settings, progress=progress, only=only, told=told)
    if not as_json:
        if not report.feeds:
            say("no feed is due; name the ones to poll, or add one with `dealwire feeds add URL`")
        else:
            say(f"{report.feeds} feeds polled, {report.unchanged} unchanged, {report.failed} failed, "
                f"{report.new_articles} new articles")  # fmt: skip


def health(
    everything: Annotated[bool, typer.Option("--all", help="Healthy feeds, too.")] = False,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Say in words what is wrong with which feed, and since when."""
    with options.opened(db, config).read() as con:
        total = len(queries.feeds(con))
        found = queries.feed_health(con, everything=everything)
    if as_json:
        print_json(found)
        return
    if found:
        print_table(
            ("feed", "health", "next poll"),
            ((row["title"] or row["url"], row["health"], row["next_due_at"]) for row in found),
        )
    sick = sum(row["state"] not in ("healthy", "new", "paused") for row in found)
    if not total:
        say("no feed yet; add one with `dealwire feeds add URL`")
    else:
        say(f"{sick} of {total} feeds need a look" if sick else f"all {total} feeds are well")


def _known(urls: Sequence[str], settings: Settings) -> tuple[list[str], list[PollTold]]:
    """The ids of the feeds at these addresses, adding the ones that are new; and what is no address at all."""
    from dealwire import steps
    from dealwire.feeds import identity, wire

    ids: list[str] = []
    unusable = []
    with steps.warehouse(settings).write() as con:
        there = {one.url: one for one in queries.feeds(con)} | {one.feed_id: one for one in queries.feeds(con)}
        new: dict[str, Feed] = {}
        for url in dict.fromkeys(one.strip() for one in urls):
            feed = there.get(url) or there.get(identity.feed_id(url))
            if feed is None:
                try:
                    wire.origin(url)
                except wire.BadAddress as error:
                    unusable.append(PollTold(url=url, status="refused", error=f"{url} was not polled: {error}"))
                    continue
                feed = Feed(feed_id=identity.feed_id(url), url=url, added_at=datetime.now(UTC))
                new[feed.feed_id] = feed
            ids.append(feed.feed_id)
        load.store_feeds(con, new.values())
    return list(dict.fromkeys(ids)), unusable


def _line(one: PollTold) -> str:
    told = one.error or one.note or f"{one.new} new of {one.entries} stored"
    return f"{one.status:<12} {one.url}: {told}"
