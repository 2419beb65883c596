"""`dealwire feeds`: which feeds are polled."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dealwire.cli import options, polls, push
from dealwire.cli.output import print_json, print_table, say
from dealwire.feeds import adding
from dealwire.opening import warehouse
from dealwire.settings import Settings
from dealwire.warehouse import load, queries
from schemas import Feed
from schemas.errors import InvalidInput

app = typer.Typer(help="Add, list, remove and import feeds.", no_args_is_help=True)
app.command("poll")(polls.poll)
app.command("health")(polls.health)
app.command("listen")(push.listen)
app.command("subscriptions")(push.subscriptions)
app.command("unsubscribe")(push.unsubscribe)


@app.command("add")
def add(
    urls: Annotated[list[str], typer.Argument(help="Addresses of feeds, or of sites that link one.", metavar="URL...")],
    check: Annotated[bool, typer.Option("--check/--no-check", help="Fetch each feed first.")] = True,
    header: Annotated[
        list[str] | None,
        typer.Option(
            "--header",
            metavar="'NAME: VALUE'",
            help="Send it with every poll; secrets as ${VARIABLE} of the environment. Repeatable.",
        ),
    ] = None,
    proxy: Annotated[
        str | None, typer.Option("--proxy", metavar="URL", help="Poll through it; a login as ${VARIABLE}.")
    ] = None,
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Add feeds; each is fetched first, and nothing is added if one of them cannot be read.

    A site's address will do: its feed is looked for.
    """
    from dealwire.feeds import secrets

    settings = options.settings(db, config)
    headers, through = tuple(map(secrets.header, header or ())), secrets.proxy(proxy) if proxy else None
    if not check:
        found = [adding.feed(url) for url in urls]
    elif header or proxy:
        found = [_read_with(url, settings, headers=headers, proxy=through) for url in urls]
    else:
        found = _checked(urls, settings)
    found = [feed.model_copy(update={"headers": headers, "proxy": through}) for feed in found]
    added = _store(found, settings)
    for feed in found:
        new = feed.feed_id in added
        say(f"{'added' if new else 'already there:'} {feed.title or feed.url} ({feed.url})")


@app.command("list")
def listed(db: options.Db = None, config: options.Config = None, as_json: options.Json = False) -> None:
    """List the feeds with how their last poll went."""
    with options.opened(db, config).read() as con:
        feeds = queries.feeds(con)
    if as_json:
        print_json([feed.model_dump(mode="json") for feed in feeds])
    elif feeds:
        print_table(
            ("id", "title", "url", "last polled", "state"),
            ((feed.feed_id, feed.title, feed.url, feed.last_polled_at, _state(feed)) for feed in feeds),
        )
    else:
        say("no feed yet; add one with `dealwire feeds add URL`")


@app.command("remove")
def remove(
    which: Annotated[str, typer.Argument(help="Address or id of the feed.", metavar="URL|ID")],
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Stop polling a feed; its articles stay."""
    store = options.opened(db, config)
    with store.write() as con:
        match = [feed for feed in queries.feeds(con) if which in (feed.url, feed.feed_id)]
        if not match:
            raise InvalidInput(f"no feed {which}; `dealwire feeds list` shows them")
        load.remove_feed(con, match[0].feed_id)
    say(f"removed {match[0].url}; its articles stay")


@app.command("import")
def imported(
    file: Annotated[Path, typer.Argument(help="OPML, or a text file with one address a line; - is standard input.")],
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Add all feeds of an OPML file or a list, without fetching them."""
    settings = options.settings(db, config)
    text = _text(file)
    found, complaints = adding.listed(text)
    for line in complaints:
        say(f"{file}: {line}")
    if not found:
        raise InvalidInput(f"{file} names no feed; it should be OPML or a list with one address a line")
    added = _store(found, settings)
    say(f"{len(added)} feeds added, {len(found) - len(added)} were there already, {len(complaints)} could not be used")


@app.command("export")
def exported(
    file: Annotated[Path, typer.Argument(help="Where to write; - is standard output.")] = Path("-"),
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Write all feeds as OPML, in their folders."""
    from dealwire.feeds import opml

    with options.opened(db, config).read() as con:
        feeds = queries.feeds(con)
    text = opml.write(feeds)
    if str(file) == "-":
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written ({error})") from error
    say(f"wrote {len(feeds)} feeds to {file}")


def _text(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read ({error})") from error


def _checked(urls: list[str], settings: Settings) -> list[Feed]:
    """The feeds at the addresses, or of the sites there; raises what is wrong with the first that has none."""
    from dealwire import steps
    from dealwire.cli.progress import Reporter

    found = []
    with steps.client(settings) as client, steps.parsers(settings) as parsers, Reporter() as progress:
        for at, url in enumerate(urls):
            if len(urls) > 1:
                progress("add", at, len(urls))
            one, others = adding.find(url, client=client, parser=parsers.parse)
            if others:
                progress.say(f"{url} names {len(others)} more: {', '.join(others[:5])}")
            found.append(one)
        if len(urls) > 1:
            progress("add", len(urls), len(urls))
    return found


def _read_with(url: str, settings: Settings, *, headers: tuple[str, ...], proxy: str | None) -> Feed:
    """The feed at this very address, fetched with headers and a proxy of its own."""
    from dealwire import steps
    from dealwire.feeds import secrets

    adding.feed(url)
    with steps.client(settings) as client, steps.parsers(settings) as parsers:
        through = secrets.fill(proxy, url=url) if proxy else None
        answer = client.fetch(url, headers=secrets.headers(headers, url=url), proxy=through)
        feed = parsers.parse(answer.body, url=answer.url, content_type=answer.headers.get("content-type", ""))
    return adding.feed(url, feed.title, feed.site_url)


def _store(feeds: list[Feed], settings: Settings) -> set[str]:
    """Store the feeds that are not there yet; their ids."""
    with warehouse(settings, options.waiting).write() as con:
        return load.store_new_feeds(con, feeds)


def _state(feed: Feed) -> str:
    if feed.paused:
        return "paused"
    if feed.gone_at:
        return "gone: its publisher has taken it away"
    if feed.failures:
        return f"failing ({feed.failures} times): {feed.last_error}"
    return "ok" if feed.last_ok_at else "not polled yet"
