"""Filling in the past: sitemaps, folders and archives, WARC files; streamed, and taken up where it was stopped."""

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from dealwire import steps
from dealwire.feeds import archives, given, identity, sitemaps
from dealwire.feeds.page_readers import PageReaders
from dealwire.feeds.robots import Robots
from dealwire.settings import Settings
from dealwire.warehouse import backfills
from dealwire.warehouse.backfills import Progress, Stored
from schemas import Article, BackfillReport
from schemas.errors import DealwireError, FeedUnreadable, InvalidInput

_CHUNK = 64
_MOST_SITEMAPS = 20_000
_COMPLAINTS = 20


class Choice(NamedTuple):
    """Which articles of a source are wanted: published or changed since a day, at addresses that match."""

    since: datetime | None = None
    match: re.Pattern[str] | None = None

    def wants(self, url: str | None, when: datetime | None) -> bool:
        """Whether an article is wanted; one without a date is."""
        if self.match and not self.match.search(url or ""):
            return False
        return self.since is None or when is None or when >= self.since


_ALL = Choice()


def fill(
    settings: Settings,
    source: str,
    *,
    choice: Choice = _ALL,
    again: bool = False,
    progress: steps.Progress | None = None,
    now: Callable[[], datetime] | None = None,
) -> BackfillReport:
    """Store the articles of a site (by its sitemaps), or of a file or folder; those of a site are read by `read`.

    Goes on where it was stopped; `again` begins anew. Raises `InvalidInput` for a source of no known kind.
    """
    run = _Run(settings, source, choice, progress or _silent, now or _now)
    with run.store.write() as db:
        run.known = {} if again else backfills.progress(db, source)
    if re.match(r"https?://", source, re.IGNORECASE):
        run.site()
    else:
        run.archive(Path(source))
    return run.report


class _Run:
    """One source being filled in."""

    def __init__(
        self,
        settings: Settings,
        source: str,
        choice: Choice,
        tell: steps.Progress,
        clock: Callable[[], datetime],
    ) -> None:
        self.settings, self.source, self.choice, self.tell, self.clock = settings, source, choice, tell, clock
        self.store = steps.warehouse(settings)
        self.known: dict[str, Progress] = {}
        self.report = BackfillReport()

    def archive(self, path: Path) -> None:
        """All parts of a file or folder."""
        found = list(archives.parts(path))
        whole, before = sum(part.size for part in found), 0
        limit = int(self.settings.max_megabytes * 1_000_000)
        with PageReaders() as readers, ThreadPoolExecutor(readers.at_most) as pool:

            def articles(items: Sequence[given.Given]) -> Iterable[Article | str]:
                at = self.clock()
                return pool.map(lambda item: given.article(item, now=at, read_page=readers.read), items)

            for part in found:
                state = self._begun(part.name)
                self.tell("backfill", before + state.position, whole)
                if not state.done:
                    steps_ = part.read(state.position, limit)
                    while chunk := list(islice(steps_, _CHUNK)):
                        state = self._stored(state, chunk, articles)
                        self.tell("backfill", before + min(state.position, part.size), whole)
                    self._finish(state._replace(done=True, position=part.size), Stored(0, 0, 0), [])
                before += part.size
                self.tell("backfill", before, whole)

    def site(self) -> None:
        """The articles that a site's sitemaps list, to be read later."""
        with steps.client(self.settings) as client:
            waiting = self._sitemaps(Robots(client))
            seen, done = set(waiting), 0
            found_one = False
            while waiting:
                url = waiting.pop(0)
                self.tell("backfill", done, done + len(waiting) + 1)
                state = self._begun(url)
                done += 1
                # Sitemaps grow: one that was read a while ago is read again.
                if state.done and self.clock() - state.updated_at < timedelta(hours=12):
                    found_one = True
                    continue
                try:
                    answer = client.fetch(url, accept="application/xml, text/xml, */*;q=0.5")
                    listed = list(sitemaps.read(answer.body, url=answer.url))
                except DealwireError as error:
                    if url not in self._guessed:
                        self._complain(str(error))
                    continue
                found_one = True
                more = [one for one in listed if one.sitemap and self._fresh(one) and one.url not in seen]
                for one in more[: _MOST_SITEMAPS - len(seen)]:
                    seen.add(one.url)
                    waiting.append(one.url)
                pages = [one for one in listed if not one.sitemap]
                for at in range(0, len(pages), 2000):
                    articles = [
                        self._pending(one)
                        for one in pages[at : at + 2000]
                        if self.choice.wants(one.url, one.published_at or one.changed_at)
                    ]
                    with self.store.write() as db:
                        stored = backfills.store_given(db, articles)
                    state = self._finish(state._replace(position=at + 2000), stored, [])
                # An index whose sitemaps are still to be read is not done.
                self._finish(state._replace(done=not more, position=len(listed)), Stored(0, 0, 0), [])
            self.tell("backfill", done, done)
        if not found_one:
            raise FeedUnreadable(self.source, "no sitemap was found there")

    def _sitemaps(self, robots: Robots) -> list[str]:
        self._guessed: set[str] = set()
        parts = urlsplit(self.source)
        if re.search(r"sitemap|\.xml|\.gz|\.txt", parts.path, re.IGNORECASE):
            return [self.source]
        with suppress(DealwireError):
            named = robots.sitemaps(self.source)
            if named:
                return list(dict.fromkeys(named))
        self._guessed = set(guessed := sitemaps.usual(f"{parts.scheme}://{parts.netloc}"))
        return guessed

    def _fresh(self, one: sitemaps.Listed) -> bool:
        return self.choice.since is None or one.changed_at is None or one.changed_at >= self.choice.since

    def _pending(self, one: sitemaps.Listed) -> Article:
        url = identity.canonical_url(one.url)
        return Article(
            article_id=identity.article_id(url),
            url=url,
            site=identity.site(url),
            title=one.title or "",
            language=one.language,
            published_at=one.published_at,
            first_seen_at=self.clock(),
        )

    def _begun(self, part: str) -> Progress:
        return self.known.get(part) or Progress(self.source, part, 0, False, 0, 0, self.clock(), self.clock())

    def _stored(
        self,
        state: Progress,
        chunk: Sequence[given.Step],
        read: Callable[[Sequence[given.Given]], Iterable[Article | str]],
    ) -> Progress:
        items = [one.given for one in chunk if one.given is not None]
        wanted = [one for one in items if self.choice.match is None or self.choice.wants(one.url, None)]
        complaints = [one.complaint for one in chunk if one.complaint]
        articles = []
        for found in read(wanted):
            if isinstance(found, str):
                complaints.append(found)
            elif self.choice.wants(found.url, found.published_at):
                articles.append(found)
        with self.store.write() as db:
            stored = backfills.store_given(db, articles)
            state = self._counted(state._replace(position=chunk[-1].position), stored, complaints)
            # In the same transaction: a stop in between neither loses nor counts an article twice.
            backfills.store_progress(db, [state])
        return state

    def _finish(self, state: Progress, stored: Stored, complaints: list[str]) -> Progress:
        state = self._counted(state, stored, complaints)
        with self.store.write() as db:
            backfills.store_progress(db, [state])
        return state

    def _counted(self, state: Progress, stored: Stored, complaints: list[str]) -> Progress:
        for complaint in complaints:
            self._complain(complaint)
        self.report = self.report.model_copy(
            update={
                "articles": self.report.articles + stored.new,
                "revised": self.report.revised + stored.revised,
                "known": self.report.known + stored.known,
                "skipped": self.report.skipped + len(complaints),
            }
        )
        return state._replace(
            articles=state.articles + stored.new, skipped=state.skipped + len(complaints), updated_at=self.clock()
        )

    def _complain(self, complaint: str) -> None:
        if len(self.report.errors) < _COMPLAINTS and not complaint.endswith(": no article"):
            self.report = self.report.model_copy(update={"errors": (*self.report.errors, complaint[:300])})


def since(day: datetime | None, match: str | None) -> Choice:
    """A choice from what a user writes. Raises `InvalidInput` for a pattern that cannot be read."""
    try:
        pattern = re.compile(match) if match else None
    except re.error as error:
        raise InvalidInput(f"{match!r} is no regular expression ({error})") from error
    return Choice(day.replace(tzinfo=UTC) if day else None, pattern)


def _now() -> datetime:
    return datetime.now(UTC)


def _silent(stage: str, done: int, total: int) -> None:
    """Progress for callers that want none."""
