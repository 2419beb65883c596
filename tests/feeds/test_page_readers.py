"""Reading pages in processes that can be lost: bounded, the same as in this process, and fresh after a loss."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dealwire.feeds.page import read_page
from dealwire.feeds.page_readers import PageReaders
from schemas.errors import FeedHostile
from tests.feeds.test_articles import BODY, LONG, story

URL = "https://news.example/story"
HEAD = '<meta property="article:published_time" content="2025-11-18T09:30:00+01:00"><link rel="canonical" href="/a">'
LARGE = story(*(f"<b>{number}</b> {text}" for number in range(3000) for text in BODY)).encode()


@pytest.fixture(scope="module")
def readers() -> Iterator[PageReaders]:
    with PageReaders(at_most=2) as few:
        yield few


def test_a_page_is_read_as_in_this_process(readers: PageReaders) -> None:
    for page in (story(*LONG, head=HEAD), story(*BODY[:1]), "", "<html>", "plain words", "<" * 10_000):
        assert readers.read(page.encode(), url=URL) == read_page(page.encode(), url=URL)


def test_few_processes_serve_many_callers(readers: PageReaders) -> None:
    pages = [story(*BODY, f"This is story number {number} of the day.").encode() for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda page: readers.read(page, url=URL).text, pages))
    assert readers._workers._count <= 2
    assert [f"number {number} of" in text for number, text in enumerate(found)] == [True] * 12


def test_a_page_that_takes_too_long_costs_its_process_only() -> None:
    with PageReaders(seconds=0.05) as hasty:
        for _ in range(2):
            with pytest.raises(FeedHostile, match=r"takes more than 0\.05 s to read"):
                hasty.read(LARGE, url=URL)
            assert hasty._workers._count == 0


def test_a_page_that_needs_too_much_memory_ends() -> None:
    with PageReaders(megabytes=1) as narrow:
        try:
            # libxml2 may stop in the middle and hand over what it has; all that counts is that it ends.
            assert len(narrow.read(LARGE * 20, url=URL).text) < 20 * len(LARGE)
        except FeedHostile as error:
            assert "more than" in str(error) or "memory" in str(error) or "exit" in str(error)
