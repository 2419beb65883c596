"""Reading pages in processes that can be killed: one that hangs or breaks its reader costs a process, not the run."""

import os
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from dealwire.feeds.page import Page
from dealwire.feeds.workers import Workers
from schemas.errors import FeedHostile, PageUnreadable

# A page is read in a twentieth of a second: who waits this long stands behind many others.
_PATIENCE = 0.3


class ReadPage(Protocol):
    """Reads a page; `page.read_page`, or `PageReaders.read`, which is bounded."""

    def __call__(self, body: bytes, *, url: str, content_type: str = "") -> Page: ...


class PageReaders:
    """Reads pages for several threads at once. A context manager.

    `seconds` of a processor bound one page, `megabytes` what reading it may allocate, `at_most` the processes. They are
    started when they are needed, and stay until the end.
    """

    def __init__(self, *, seconds: float = 20, megabytes: float = 256, at_most: int | None = None) -> None:
        self.at_most = at_most or max(1, min(4, os.cpu_count() or 1))
        self._workers = Workers(
            "page_worker", seconds=seconds, megabytes=megabytes, at_most=self.at_most, patience=_PATIENCE, doing="read"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.stop()

    def read(self, body: bytes, *, url: str, content_type: str = "") -> Page:
        """As `page.read_page`, but bounded. Raises `PageUnreadable`, or `FeedHostile` for a page beyond the bounds."""
        answer = self._workers.ask(body, url=url, content_type=content_type)
        if "found" not in answer:
            kind = FeedHostile if answer.get("hostile") else PageUnreadable
            raise kind(url, str(answer["reason"]))
        when = answer["published_at"]
        return Page(*answer["found"])._replace(published_at=datetime.fromisoformat(when) if when else None)
