"""Parsing in processes that can be killed: a feed that takes too long or too much costs a process, not the run."""

import threading
from contextlib import nullcontext
from types import TracebackType
from typing import Self

from dealwire.feeds.parse import ParsedFeed, from_raw
from dealwire.feeds.values import RawEntry, RawFeed
from dealwire.feeds.workers import Workers
from schemas.errors import FeedHostile, FeedUnreadable

# A feed is read in a few milliseconds, however many wait in line. A second process is worth its memory only when the
# first one is stuck for so long.
_PATIENCE = 2.0
# Documents above this may need much memory or time, and are read one after the other; the others pass them by.
_HEAVY = 256_000


class Parsers:
    """Parses feeds for several threads at once. A context manager.

    `seconds` of a processor bound one document, `megabytes` what its parsing may allocate, `at_most` the processes.
    They are started when they are needed.
    """

    def __init__(self, *, seconds: float = 10, megabytes: float = 96, at_most: int = 3) -> None:
        self._workers = Workers(
            "parse_worker",
            seconds=seconds,
            megabytes=megabytes,
            at_most=at_most,
            patience=_PATIENCE,
            doing="parse",
            only_stuck=True,
        )
        self._heavy = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.stop()

    def parse(self, body: bytes, *, url: str, content_type: str = "") -> ParsedFeed:
        """As `parse.parse`, but bounded. Raises `FeedHostile` for a document that is beyond the bounds, too."""
        with self._heavy if len(body) > _HEAVY else nullcontext():
            answer = self._workers.ask(body, url=url, content_type=content_type)
        if "found" not in answer:
            kind = FeedHostile if answer["hostile"] else FeedUnreadable
            raise kind(url, str(answer["reason"]))
        title, site_url, entries, listed, reader = answer["found"]
        raw = RawFeed(title, site_url, [RawEntry(*one) for one in entries], listed, reader)
        return from_raw(raw, url)
