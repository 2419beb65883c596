"""Parsing in processes that can be lost: bounded, few, and fresh after a loss."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dealwire.feeds.parsers import Parsers
from schemas.errors import FeedHostile, FeedUnreadable
from tests.feeds.hostile.feeds import item, rss

URL = "https://news.example/feed"
BUSY = b"<rss><channel><title>a & b</title>" + b"<a>" * 120_000


def test_a_document_that_takes_too_long_costs_its_process_only() -> None:
    with Parsers(seconds=0.5) as parsers:
        with pytest.raises(FeedHostile, match="takes more than"):
            parsers.parse(BUSY, url=URL)
        assert len(parsers.parse(rss(3).encode(), url=URL).entries) == 3


def test_a_document_that_needs_too_much_memory_is_refused() -> None:
    body = rss(0, items=item("x & y", "https://news.example/1", text="y" * 12_000_000)).replace("&amp;", "&")
    with Parsers(seconds=20, megabytes=16) as parsers:
        with pytest.raises(FeedHostile):
            parsers.parse(body.encode(), url=URL)
        assert len(parsers.parse(rss(1).encode(), url=URL).entries) == 1


def test_many_callers_share_few_processes() -> None:
    with Parsers(at_most=2) as parsers, ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: parsers.parse(rss(n % 5).encode(), url=URL), range(60)))
        assert [len(one.entries) for one in found] == [n % 5 for n in range(60)]
        assert parsers._workers._count <= 2


def test_a_line_that_moves_starts_no_second_process() -> None:
    with Parsers() as parsers, ThreadPoolExecutor(64) as pool:
        body = rss(100).encode()
        parsers.parse(body, url=URL)
        parsers._workers._patience = 0.5
        found = list(pool.map(lambda _: parsers.parse(body, url=URL), range(64)))
        assert [len(one.entries) for one in found] == [100] * 64
        assert parsers._workers._count == 1


def test_what_is_no_feed_is_told_as_in_this_process() -> None:
    with Parsers() as parsers, pytest.raises(FeedUnreadable, match="web page"):
        parsers.parse(b"<html><body>no</body></html>", url=URL)


def test_a_light_feed_does_not_wait_for_a_heavy_one() -> None:
    heavy = b"<rss><channel><title>a & b</title>" + b"<a>" * 400_000
    with Parsers(seconds=4) as parsers:

        def busy() -> None:
            with pytest.raises(FeedHostile):
                parsers.parse(heavy, url=URL)

        threads = [threading.Thread(target=busy) for _ in range(3)]
        for thread in threads:
            thread.start()
        assert len(parsers.parse(rss(2).encode(), url=URL).entries) == 2
        # All but the one that is being read still wait for their turn.
        assert sum(thread.is_alive() for thread in threads) >= 2
        for thread in threads:
            thread.join()
