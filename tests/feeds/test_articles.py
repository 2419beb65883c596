"""Articles: the page's text without what surrounds it, or the feed's own when the page fails."""

from datetime import UTC, datetime

import pytest

from dealwire.feeds import articles
from dealwire.feeds.client import Client
from schemas import Article, Entry
from tests.feeds.conftest import Web

NOW = datetime(2025, 11, 18, 15, tzinfo=UTC)
BODY = (
    "Anthropic has agreed to spend $30 billion on computing capacity in the Azure cloud.[1][2] The order runs for years.",
    "Nvidia and Microsoft will invest up to $10 billion and $5 billion respectively, a statement said on Tuesday.[3]",
    "Shares of both fell by more than two percent in New York, on a weak day for technology companies everywhere.",
)
PAGE = (
    "<!doctype html><html lang='en-GB'><head><title>Big order</title><link rel='canonical' href='/story'></head><body>"
    "<div class='cookie-banner'>We value your privacy. <button>Accept</button></div><nav><a href='/'>Home</a></nav>"
    "<article><h1>Big order</h1>{body}<p><a href='#'>Share this article</a></p></article>"
    "<aside class='related'><h2>Related</h2><ul><li><a href='/x'>Ten phones to buy now</a></li></ul></aside>"
    "<footer>Imprint</footer></body></html>"
)


def one(url: str, **entry: object) -> Article:
    return articles.from_entry(Entry(url=url, title="Big order", **entry), feed_id="f", now=NOW)  # type: ignore[arg-type]


def read(client: Client, *pending: Article, attempts: int = 3) -> list[Article]:
    return list(articles.read(pending, client=client, now=lambda: NOW, attempts=attempts))


def test_the_text_is_the_title_and_the_body_alone(web: Web, client: Client) -> None:
    page = PAGE.format(body="".join(f"<p>{text}</p>" for text in BODY))
    (found,) = read(client, one(web.put("/story", page, "text/html; charset=utf-8")))
    assert found.text == "\n\n".join(("Big order", *BODY))
    assert (found.read_status, found.language, found.site) == ("page", "en", "127.0.0.1")


def test_plain_text_is_read_as_it_is(web: Web, client: Client) -> None:
    (found,) = read(client, one(web.put("/story", "Big order\n\n" + "\n".join(BODY), "text/plain; charset=utf-8")))
    assert found.text == "\n\n".join(("Big order", *BODY))


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/octet-stream"])
def test_plain_text_keeps_its_own_headline_under_another_title(web: Web, client: Client, kind: str) -> None:
    (found,) = read(client, one(web.put("/story", "Cloud order of $30 billion\n" + "\n".join(BODY), kind)))
    assert found.text == "\n\n".join(("Big order", "Cloud order of $30 billion", *BODY))


def test_a_feed_that_carries_far_more_than_the_page_is_preferred(web: Web, client: Client) -> None:
    page = PAGE.format(body="".join(f"<p>{text} {text}</p>" for text in BODY))
    (found,) = read(client, one(web.put("/story", page, "text/html"), content=" ".join(BODY * 6)))
    assert found.read_status == "feed"


def test_the_feeds_own_text_serves_when_the_page_is_gone(web: Web, client: Client) -> None:
    (found,) = read(client, one(web.base + "/nothing", content=" ".join(BODY)))
    assert (found.read_status, found.text) == ("feed", "Big order\n\n" + " ".join(BODY))
    assert "404" in (found.read_error or "")


def test_a_stub_gives_way_to_the_fuller_feed(web: Web, client: Client) -> None:
    page = PAGE.format(body="<p>Subscribe to read on.</p>")
    (found,) = read(client, one(web.put("/story", page, "text/html"), content=" ".join(BODY)))
    assert found.read_status == "feed"


def test_a_page_that_may_come_back_is_tried_again(web: Web, client: Client) -> None:
    url = web.put("/story", "", status=503)
    (first,) = read(client, one(url, summary="Short."), attempts=2)
    assert (first.read_status, first.read_attempts, first.text) == ("pending", 1, None)
    (second,) = read(client, first, attempts=2)
    assert (second.read_status, second.text) == ("feed", "Big order\n\nShort.")


@pytest.mark.parametrize("body", ["", "\x00\x01\x02", "<html>", "<" * 10_000, "<div>" * 5_000])
def test_a_broken_page_costs_no_other(web: Web, client: Client, body: str) -> None:
    good = PAGE.format(body="".join(f"<p>{text}</p>" for text in BODY))
    pending = [one(web.put("/bad", body, "text/html")), one(web.put("/good", good, "text/html"))]
    found = {article.url.rpartition("/")[2]: article for article in read(client, *pending)}
    assert found["good"].read_status == "page"
    assert found["bad"].text == "Big order"


@pytest.mark.parametrize(
    ("title", "body", "text"),
    [
        ("A deal", "A Deal\n\nIt is done.", "A deal\n\nIt is done."),
        ("A  deal ", "It is done.", "A deal\n\nIt is done."),
        ("", "It is done.", "It is done."),
        ("A deal", "", "A deal"),
    ],
)
def test_the_title_stands_once_before_the_body(title: str, body: str, text: str) -> None:
    assert articles.compose(title, body) == text
