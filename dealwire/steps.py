"""The pipeline as plain functions: `poll`, `read`, `extract`, `link`, and `run`, which does all and tells of it.

Each takes what is pending from the warehouse, works on it without holding the file, and writes the result back in
short transactions. Each may be stopped anywhere and run again.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dealwire.extraction import extract, lacking, readers
from dealwire.opening import warehouse
from dealwire.settings import Settings
from dealwire.warehouse import copies, load, moves, queries, revisions, site_rules
from dealwire.warehouse.connect import Warehouse
from schemas import (
    Article,
    Entry,
    LinkReport,
    Polled,
    PollReport,
    PollTold,
    PublishReport,
    RatesReport,
    ReadReport,
    RunReport,
    StoredPage,
)
from schemas.errors import DealwireError, InvalidInput

Progress = Callable[[str, int, int], None]
"""Told the stage, how many are done and how many there are; called at least once a stage."""

if TYPE_CHECKING:
    from dealwire.feeds.client import Client
    from dealwire.feeds.page_readers import PageReaders
    from dealwire.feeds.parsers import Parsers

__all__ = [
    "client", "extract", "lacking", "link", "parsers", "poll", "publish", "read", "readers", "reread", "run",
    "update_rates", "warehouse",
]  # fmt: skip
_COPY_REST = 10


def client(
    settings: Settings,
    *,
    paused: Mapping[str, datetime] | None = None,
    now: Callable[[], datetime] | None = None,
    delay: float | None = None,
) -> "Client":
    """The HTTP client that the settings describe; a context manager.

    `paused`: hosts to leave alone, until when; `delay`: seconds between starts at one host, if not the settings'.
    """
    from dealwire.feeds.client import Client

    return Client(
        contact=settings.contact,
        connect_seconds=settings.connect_seconds,
        read_seconds=settings.read_seconds,
        total_seconds=settings.total_seconds,
        max_bytes=int(settings.max_megabytes * 1_000_000),
        at_once=settings.fetch_at_once,
        per_host=settings.fetch_per_host,
        delay=settings.fetch_delay_seconds if delay is None else delay,
        allow_private_hosts=settings.allow_private_hosts,
        connect_to=settings.connect_to,
        proxy=settings.proxy,
        paused=paused,
        now=now or _now,
    )


def parsers(settings: Settings) -> "Parsers":
    """Parsing as the settings bound it; a context manager."""
    from dealwire.feeds.parsers import Parsers

    return Parsers(seconds=settings.parse_seconds, megabytes=settings.parse_megabytes)


def poll(
    settings: Settings,
    *,
    progress: Progress | None = None,
    now: Callable[[], datetime] | None = None,
    everything: bool = False,
    only: Sequence[str] | None = None,
    told: Callable[[Sequence[PollTold]], None] | None = None,
    parsing: "Parsers | None" = None,
) -> PollReport:
    """Poll the feeds that are due (`everything`: all that are not paused) and store the entries not seen before.

    `only`: ids of the feeds to poll instead, due or not, whatever their hosts have asked for. `told` is given the polls
    as they are stored. `parsing`: parsers that are kept between calls.
    """
    from dealwire.feeds import articles
    from dealwire.feeds import poll as polling
    from dealwire.feeds.schedule import Rhythm

    clock, tell = now or _now, progress or _silent
    store = warehouse(settings)
    with store.write() as db:
        if only is None:
            feeds = queries.due_feeds(db, None if everything else clock())
        else:
            feeds = [feed for feed in queries.feeds(db) if feed.feed_id in set(only)]
        paused = queries.pauses(db)
    tell("poll", 0, len(feeds))
    done = 0
    report = PollReport(feeds=len(feeds))
    rhythm = Rhythm(
        usual=timedelta(minutes=settings.poll_every_minutes),
        shortest=timedelta(minutes=settings.poll_shortest_minutes),
        longest=timedelta(hours=settings.poll_longest_hours),
    )
    with (
        client(settings, paused=paused if only is None else {}, now=clock) as http,
        nullcontext(parsing) if parsing else parsers(settings) as bounded,
    ):
        visit = polling.Visit(http, bounded.parse, clock, rhythm)
        for batch in polling.in_batches(feeds, visit, settings.poll_at_once):
            listed = [
                (one.feed.feed_id, entry, articles.from_entry(entry, feed_id=one.feed.feed_id, now=clock()))
                for one in batch
                for entry in one.entries
            ]
            listed = [(feed_id, entry, _unlinked(entry, article, clock())) for feed_id, entry, article in listed]
            with store.write() as db:
                batch = moves.merged(db, batch)
                new = load.store_polled(db, batch, listed)
                asked = paused | http.hosts.pauses()
                load.store_pauses(db, {host: until for host, until in asked.items() if until > clock()})
                counts = queries.feed_counts(db, [one.feed.feed_id for one in batch]) if told else {}
            if told:
                told([_told(one, *counts[one.feed.feed_id]) for one in batch])
            done += len(batch)
            errors = tuple(one.poll.error or one.poll.status for one in batch if _failed(one.poll.status))
            report = report.model_copy(
                update={
                    "unchanged": report.unchanged + sum(one.poll.status == "not_modified" for one in batch),
                    "failed": report.failed + len(errors),
                    "entries": report.entries + len(listed),
                    "new_articles": report.new_articles + new,
                    "errors": report.errors + errors,
                }
            )
            tell("poll", done, len(feeds))
            # What is stored need not be held while the next batch is waited for.
            batch.clear()
            listed.clear()
    return report


def read(
    settings: Settings,
    *,
    progress: Progress | None = None,
    now: Callable[[], datetime] | None = None,
    most: int | None = None,
    pages: "PageReaders | None" = None,
) -> ReadReport:
    """Fetch the pages of articles that have no text yet, and store their text; of `most` articles, newest first.

    `pages`: readers that are kept between calls.
    """
    from dealwire.feeds import articles
    from dealwire.feeds.page_readers import PageReaders
    from dealwire.feeds.robots import Robots, site_of

    clock, tell = now or _now, progress or _silent
    store = warehouse(settings)
    with store.write() as db:
        hours = settings.reread_hours
        unread = queries.unread(db, most, settings.read_attempts, now=clock(), again_hours=hours)
        revisions.drop_old_pages(db, clock(), settings.keep_pages_days)
        site_rules.drop_old(db, clock())
        known = site_rules.known(db, (site_of(one.url) for one in unread))
    tell("read", 0, len(unread))
    report, done = ReadReport(articles=len(unread)), 0
    with client(settings) as http, nullcontext(pages) if pages else PageReaders() as readers:
        robots = Robots(http, known=known, now=clock)
        results = articles.read(
            unread, client=http, now=clock, attempts=settings.read_attempts, robots=robots, read_page=readers.read
        )
        for readings in results:
            kept = readings if settings.keep_pages_days else [one.model_copy(update={"page": None}) for one in readings]
            with store.write() as db:
                revised = revisions.store_readings(db, kept)
                site_rules.store(db, robots.learned())
            batch = [one.article for one in readings]
            done += len(batch)
            report = report.model_copy(
                update={
                    "from_page": report.from_page + sum(one.read_status == "page" for one in batch),
                    "from_feed": report.from_feed + sum(one.read_status == "feed" for one in batch),
                    "revised": report.revised + revised,
                    "withheld": report.withheld + sum(one.withheld is not None for one in batch),
                    "failed": report.failed + sum(one.read_status in ("failed", "pending") for one in batch),
                    "errors": report.errors + tuple(f"{one.url}: {one.read_error}" for one in batch if one.read_error),
                }
            )
            tell("read", done, len(unread))
    return report


def reread(
    settings: Settings, *, progress: Progress | None = None, now: Callable[[], datetime] | None = None
) -> ReadReport:
    """Read the stored pages again, without the network, as the present reader reads them.

    A text that comes out otherwise is a new revision; one that would be lost is kept.
    """
    from concurrent.futures import ThreadPoolExecutor

    from dealwire.feeds import articles
    from dealwire.feeds.page_readers import PageReaders

    clock, tell = now or _now, progress or _silent
    store = warehouse(settings)
    with store.write() as db:
        total = revisions.page_count(db)
    tell("reread", 0, total)
    report, after = ReadReport(articles=total), ""
    done = 0
    with PageReaders() as readers, ThreadPoolExecutor(readers.at_most) as pool:

        def again(kept: tuple[Article, StoredPage]) -> Article:
            return articles.read_again(*kept, now=clock(), read_page=readers.read)

        while True:
            with store.read() as db:
                batch = revisions.stored_pages(db, after=after, limit=100)
            if not batch:
                return report
            read = zip(batch, pool.map(again, batch), strict=True)
            changed = [new for (old, _), new in read if new.text_hash != old.text_hash]
            with store.write() as db:
                revised = load.store_articles(db, changed)
            after, done = batch[-1][1].article_id, done + len(batch)
            report = report.model_copy(
                update={"from_page": report.from_page + len(batch), "revised": report.revised + revised}
            )
            tell("reread", done, max(total, done))


def link(settings: Settings, *, progress: Progress | None = None) -> LinkReport:
    """Merge the claims of all articles into deals, group these into alliances, and store both."""
    from dealwire.relink import relink

    tell = progress or _silent
    count = 0

    def begun(claims: int) -> None:
        nonlocal count
        count = claims
        tell("link", 0, count)

    report = relink(warehouse(settings), begun)
    tell("link", count, count)
    return report


def update_rates(settings: Settings, source: str | None = None) -> RatesReport:
    """Store the European Central Bank's rates from a CSV or zip file or its address.

    The next `link` converts with them. None: the last working day's, from the bank. Days before the shipped table
    begins are left out. Raises `InvalidInput`, and what a client raises.
    """
    from dealwire.linking import ecb
    from dealwire.linking.rates import Rates

    place = source or ecb.ADDRESS
    if place.startswith(("http://", "https://")):
        with client(settings) as http:
            body = http.fetch(place, accept="*/*").body
    else:
        try:
            body = Path(place).read_bytes()
        except OSError as error:
            raise InvalidInput(f"{place} cannot be read: {error.strerror}") from error
    found = Rates(ecb.read(body, since=Rates.load().first_day))
    with warehouse(settings).write() as db:
        load.store_rates(db, found.rows())
    days = [row["day"] for row in found.rows()]
    return RatesReport(
        rates=len(days),
        currencies=len({row["currency"] for row in found.rows()}),
        first_day=min(days),
        last_day=max(days),
    )


def publish(
    settings: Settings,
    place: Path | None = None,
    *,
    always: bool = False,
    whole: bool = False,
    sparing: bool = False,
) -> PublishReport | None:
    """Put a copy for other programs at `place`, else where the settings want one; None if they want none.

    Nothing is done if the copy that is there holds the same rows, unless `always`. What keeps a copy from being made is
    in the report, and in the table `publications`: a run has done its work without one. `whole`: a back-up. `sparing`:
    not yet, if the last copy is younger than ten times what it took to make, so that others get at the warehouse.
    """
    wanted = place or settings.publish_to
    if wanted is None:
        return None
    wanted, started = wanted.absolute(), time.monotonic()
    report = PublishReport(place=str(wanted), form="duckdb")
    store = warehouse(settings)
    try:
        report = report.model_copy(update={"form": copies.form_of(wanted).value})
        with store.read() as db:
            last = copies.last(db, wanted)
        if sparing and last.at and timedelta() <= _now() - last.at < timedelta(seconds=last.seconds) * _COPY_REST:
            return report.model_copy(update={"changed": False})
        before = None if always or whole else last.fingerprint
        copied = copies.write(store, wanted, unless=before, whole=whole)
        seconds = time.monotonic() - started
        if copied is None:
            return report.model_copy(update={"changed": False, "seconds": seconds})
        with store.write() as db:
            copies.note(db, wanted, copied, at=_now(), seconds=seconds)
    except DealwireError as error:
        _note_unpublished(store, wanted, str(error))
        return report.model_copy(update={"error": str(error), "seconds": time.monotonic() - started})
    counts = {"form": copied.form.value, "tables": copied.tables, "rows": copied.rows, "bytes": copied.bytes}
    return report.model_copy(update=counts | {"seconds": seconds})


def run(settings: Settings, *, progress: Progress | None = None, everything: bool = False) -> RunReport:
    """One pass of the whole pipeline in this process."""
    from dealwire.notify.tell import tell

    started = time.monotonic()
    return RunReport(
        poll=poll(settings, progress=progress, everything=everything),
        read=read(settings, progress=progress),
        extract=extract(settings, progress=progress),
        link=link(settings, progress=progress),
        notify=tell(settings, progress=progress),
        publish=publish(settings),
        seconds=time.monotonic() - started,
    )


def _unlinked(entry: Entry, article: Article, now: datetime) -> Article:
    """The article of an entry that leads to no page: what the feed says is all there is."""
    from dealwire.feeds.articles import compose
    from schemas.ids import content_id

    if entry.has_page:
        return article
    text = compose(article.title, article.feed_text or "")
    return article.model_copy(
        update={"text": text, "text_hash": content_id(text), "read_status": "feed", "read_at": now}
    )


def _told(one: Polled, entries: int, new: int) -> PollTold:
    shared = one.poll.model_dump(include={"url", "status", "http_status", "bytes", "seconds", "error", "note"})
    return PollTold(entries=entries, new=new, **shared)


def _note_unpublished(store: Warehouse, place: Path, error: str) -> None:
    try:
        if not store.exists():
            return
        with store.write() as db:
            copies.note_failure(db, place, error)
    except DealwireError:
        """The report says it, too."""


def _failed(status: str) -> bool:
    return status not in ("ok", "not_modified")


def _now() -> datetime:
    return datetime.now(UTC)


def _silent(stage: str, done: int, total: int) -> None:
    """Progress for callers that want none."""
