"""An article over time: edits are new revisions, two addresses of one story are one article."""

import html
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dealwire import steps
from dealwire.feeds import articles
from dealwire.feeds.identity import feed_id
from dealwire.feeds.page_readers import PageReaders
from dealwire.feeds.parsers import Parsers
from dealwire.settings import Settings
from dealwire.warehouse import load, revisions
from schemas import Entry, Feed
from tests.feeds.conftest import Web

NOW = datetime(2025, 11, 18, 15, tzinfo=UTC)
TEXT = (
    "Vultrix signed a ${} million contract with CoreWeave for computing capacity over three years, the companies said on "
    "Monday. The order covers chips in Texas and begins in January, and it is the largest that Vultrix has placed so far."
)


class Site:
    """A site with one feed, and a warehouse that reads it; `pass_` is one round some hours after the last."""

    def __init__(self, web: Web, folder: Path, parsers: Parsers, pages: PageReaders) -> None:
        self.web, self._parsers, self._pages = web, parsers, pages
        self.settings = Settings(
            database=folder / "test.duckdb", allow_private_hosts=("127.0.0.1",), poll_every_minutes=0, total_seconds=3
        )
        self.now = NOW
        url = web.base + "/feed"
        with steps.warehouse(self.settings).write() as db:
            load.store_feeds(db, [Feed(feed_id=feed_id(url), url=url, added_at=NOW)])

    def feed(self, *items: tuple[str, str, str, str]) -> None:
        """Items of guid, path, title, description."""
        told = "".join(
            f"<item><guid>{guid}</guid><link>{self.web.base}{html.escape(path)}</link><title>{title}</title>"
            f"<description>{description}</description></item>"
            for guid, path, title, description in items
        )
        self.web.put("/feed", f"<rss version='2.0'><channel><title>Wire</title>{told}</channel></rss>")

    def page(self, path: str, title: str, *paragraphs: str, head: str = "") -> None:
        body = "".join(f"<p>{text}</p>" for text in paragraphs)
        self.web.put(
            path,
            f"<html lang='en'><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>{body}</article></body></html>",
            "text/html",
        )

    def pass_(self, *, extract: bool = False, hours: float = 12) -> Any:
        self.now += timedelta(hours=hours)
        steps.poll(self.settings, now=lambda: self.now, everything=True, parsing=self._parsers)
        report = steps.read(self.settings, now=lambda: self.now, pages=self._pages)
        if extract:
            steps.extract(self.settings)
        return report

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with steps.warehouse(self.settings).read() as db:
            return db.execute(query).fetchall()


@pytest.fixture
def site(web: Web, tmp_path: Path, parsers: Parsers, pages: PageReaders) -> Site:
    return Site(web, tmp_path, parsers, pages)


def test_an_edited_article_is_a_new_revision_that_is_extracted_again(site: Site) -> None:
    site.page("/story", "Vultrix rents chips", TEXT.format(120))
    site.feed(("1", "/story", "Vultrix rents chips", "For $120 million."))
    site.pass_(extract=True)
    assert site.rows("SELECT DISTINCT amount_max::INT FROM money_mentions") == [(120_000_000,)]
    site.page("/story", "Vultrix rents more chips", TEXT.format(150))
    site.feed(("1", "/story", "Vultrix rents more chips", "For $150 million."))
    report = site.pass_()
    assert report.revised == 1
    assert site.rows("SELECT count(*) FROM money_mentions") == [(0,)]
    steps.extract(site.settings)
    assert site.rows("SELECT DISTINCT amount_max::INT FROM money_mentions") == [(150_000_000,)]
    assert site.rows("SELECT DISTINCT text FROM mentions WHERE label = 'MONEY'") == [("$150 million",)]
    ((revision, text),) = site.rows("SELECT revision, text FROM articles")
    assert (revision, text.partition("\n")[0]) == (2, "Vultrix rents more chips")
    ((old, title, earlier),) = site.rows("SELECT revision, title, text FROM article_revisions")
    assert (old, title) == (1, "Vultrix rents chips")
    assert "$120 million" in earlier


def test_a_feed_that_says_the_same_again_costs_no_page(site: Site) -> None:
    site.page("/story", "A", TEXT.format(120))
    site.feed(("1", "/story", "A", "One."))
    site.pass_()
    site.feed(("2", "/story", "A", "One."), ("3", "/none", "B", "Two."))
    site.pass_()
    assert [path for path, _ in site.web.asked].count("/story") == 1
    assert site.rows("SELECT count(*) FROM articles WHERE changed_at IS NOT NULL") == [(0,)]


def test_an_edit_that_leaves_the_text_alone_is_no_revision(site: Site) -> None:
    site.page("/story", "A", TEXT.format(120))
    site.feed(("1", "/story", "A", "One."))
    site.pass_()
    site.feed(("1", "/story", "A", "Other words."))
    assert site.pass_().revised == 0
    assert site.rows("SELECT revision, changed_at FROM articles") == [(1, None)]


def test_a_chatty_feed_does_not_have_its_pages_read_all_the_time(site: Site) -> None:
    site.page("/story", "A", TEXT.format(120))
    for number in range(6):
        site.feed(("1", "/story", "A", f"{number} comments."))
        site.pass_(hours=1)
    assert [path for path, _ in site.web.asked].count("/story") == 1
    site.pass_(hours=6)
    assert [path for path, _ in site.web.asked].count("/story") == 2


def test_a_page_that_is_gone_or_closed_later_does_not_cost_its_text(site: Site) -> None:
    site.page("/story", "A", TEXT.format(120), TEXT.format(130), TEXT.format(140))
    site.feed(("1", "/story", "A", "One."))
    site.pass_()
    for number, breaks in enumerate(
        (
            lambda: site.web.put("/story", "", status=404),
            lambda: site.page("/story", "A", "Subscribe to continue reading."),
        )
    ):
        breaks()
        site.feed(("1", "/story", "A", f"Edit {number}."))
        assert site.pass_().revised == 0
    assert site.rows("SELECT read_status, revision, changed_at FROM articles") == [("page", 1, None)]
    assert "$120 million" in site.rows("SELECT text FROM articles")[0][0]


def test_guids_name_no_story_links_do(site: Site) -> None:
    for name in ("a", "b"):
        site.page(f"/{name}", name, TEXT.format(120))
    site.feed(("same", "/a", "a", "One."), ("same", "/b", "b", "Two."))
    site.pass_()
    site.feed(("changed", "/a?utm_source=feed", "a", "One."), ("changed too", "/b/", "b", "Two."))
    site.pass_()
    assert site.rows("SELECT count(*) FROM articles") == [(2,)]
    assert site.rows("SELECT count(*) FROM entries") == [(2,)]


def test_two_addresses_whose_pages_name_a_third_are_one_article(site: Site) -> None:
    head = '<link rel="canonical" href="/2025/order">'
    for path in ("/amp/order", "/go?to=order", "/2025/order"):
        site.page(path, "Order", TEXT.format(120), head=head)
    site.feed(("1", "/amp/order", "Order", "One."), ("2", "/go?to=order", "Order", "One."))
    site.pass_()
    assert site.rows("SELECT url FROM articles") == [(site.web.base + "/2025/order",)]
    asked = len(site.web.asked)
    site.feed(
        ("1", "/amp/order", "Order", "One."),
        ("3", "/2025/order", "Order", "One."),
        ("2", "/go?to=order", "Order", "One."),
    )
    site.pass_()
    assert site.rows("SELECT count(*) FROM articles") == [(1,)]
    assert site.rows("SELECT count(DISTINCT article_id) FROM entries") == [(1,)]
    assert len(site.web.asked) == asked + 1


def test_different_stories_that_name_one_address_stay_apart(site: Site) -> None:
    head = '<link rel="canonical" href="/latest">'
    site.page("/x/1", "Order", TEXT.format(120), head=head)
    other = (
        "Quite another tale about a maker of bicycles in Utrecht, who sold his shop to a neighbour for a song and left town. "
        * 3
    )
    site.page("/x/2", "Bicycles", other, head=head)
    site.feed(("1", "/x/1", "Order", "One."), ("2", "/x/2", "Bicycles", "Two."))
    site.pass_()
    assert site.rows("SELECT count(*), count(DISTINCT text_hash) FROM articles") == [(2, 2)]
    site.pass_()
    assert site.rows("SELECT count(*) FROM articles") == [(2,)]


def test_pages_are_kept_compressed_and_dropped_in_time(site: Site) -> None:
    site.page("/story", "A", *(TEXT.format(number) for number in range(30)))
    site.feed(("1", "/story", "A", "One."))
    site.pass_()
    ((size,),) = site.rows("SELECT octet_length(body) FROM pages")
    with steps.warehouse(site.settings).read() as db:
        ((article, page),) = revisions.stored_pages(db)
    assert page.body.startswith(b"<html")
    assert size * 4 < len(page.body)
    assert article.article_id == page.article_id
    site.pass_(hours=24 * 15)
    assert site.rows("SELECT count(*) FROM pages") == [(0,)]


def test_kept_pages_can_be_read_again_by_a_better_reader(site: Site) -> None:
    site.page("/story", "A", TEXT.format(120), TEXT.format(130))
    site.page("/other", "B", TEXT.format(120), TEXT.format(130))
    site.feed(("1", "/story", "A", "One."), ("2", "/other", "B", "Two."))
    site.pass_()
    with steps.warehouse(site.settings).write() as db:
        db.execute("UPDATE articles SET text = 'A\n\nRead badly.', text_hash = 'bad' WHERE title = 'A'")
    asked = len(site.web.asked)
    report = steps.reread(site.settings, now=lambda: site.now)
    assert (report.articles, report.revised, len(site.web.asked)) == (2, 1, asked)
    assert site.rows("SELECT title, revision FROM articles ORDER BY title") == [("A", 2), ("B", 1)]
    assert site.rows("SELECT text FROM article_revisions") == [("A\n\nRead badly.",)]
    assert steps.reread(site.settings).revised == 0


def test_a_story_without_a_page_is_revised_from_its_entry(site: Site) -> None:
    def listed(text: str, hours: int) -> Any:
        entry = Entry(url="https://a.example/none", title="A", summary=text)
        at = NOW + timedelta(hours=hours)
        article = articles.from_entry(entry, feed_id="f", now=at)
        return "f", entry, article.model_copy(update={"text": f"A\n\n{text}", "read_status": "feed", "read_at": at})

    for hours, text in enumerate(("One.", "One.", "Two.")):
        with steps.warehouse(site.settings).write() as db:
            load.store_polled(db, [], [listed(text, hours)])
    assert site.rows("SELECT text, revision, first_seen_at, changed_at FROM articles") == [("A\n\nTwo.", 2, NOW, None)]
    assert site.rows("SELECT text FROM article_revisions") == [("A\n\nOne.",)]
