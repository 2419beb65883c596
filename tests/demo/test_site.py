"""The sample site: five outlets over real HTTP, in five formats, and what they are meant to tell."""

import json
import re
from importlib.resources import files

import feedparser
import pytest

from dealwire.demo.serve import OUTLETS, Outlet, feed, link, page, serving, stories
from dealwire.feeds.client import Client
from dealwire.feeds.page import read_page
from dealwire.feeds.parse import parse


def test_there_are_enough_articles_and_every_format() -> None:
    assert sum(len(stories(outlet)) for outlet in OUTLETS) >= 30
    assert len({outlet.feed_type for outlet in OUTLETS}) == 5


@pytest.mark.parametrize("outlet", OUTLETS, ids=lambda one: one.key)
def test_every_article_is_listed_in_its_feed_and_served(outlet: Outlet) -> None:
    with serving() as site, Client(contact="tests", connect_to=site.connect_to) as client:
        answer = client.fetch(outlet.feed_url)
        parsed = parse(answer.body, url=outlet.feed_url, content_type=answer.headers["content-type"])
        assert [entry.url.split("?")[0] for entry in parsed.entries] == [link(outlet, one) for one in stories(outlet)]
        assert [entry.published_at for entry in parsed.entries] == [
            one.published.replace(second=0) if outlet.key == "morning-rack" else one.published
            for one in stories(outlet)
        ]
        assert client.fetch(outlet.feed_url, etag=answer.headers["etag"]).status == 304
        for one in stories(outlet):
            assert client.fetch(link(outlet, one)).status == 200


@pytest.mark.parametrize("outlet", OUTLETS, ids=lambda one: one.key)
def test_pages_give_their_text_and_nothing_of_what_surrounds_it(outlet: Outlet) -> None:
    for one in stories(outlet):
        found = read_page(page(outlet, one).encode(), url=link(outlet, one), content_type="text/html")
        for paragraph in one.paragraphs:
            assert paragraph in found.text
        for noise in ("cookies", "Share this article", "Sign up", "Imprint"):
            assert noise not in found.text


def test_one_feed_is_as_careless_as_real_ones_are() -> None:
    broken = {
        outlet.key
        for outlet in OUTLETS
        if feedparser.parse(feed(outlet).encode()).bozo and "json" not in outlet.feed_type
    }
    assert broken == {"morning-rack"}


def test_no_article_repeats_a_sentence_of_another() -> None:
    seen: dict[str, str] = {}
    for outlet in OUTLETS:
        for one in stories(outlet):
            for sentence in re.split(r"(?<=[.!?])\s+", " ".join(one.paragraphs)):
                if len(sentence) > 40:
                    assert seen.setdefault(sentence, one.slug) == one.slug


def test_the_expected_deals_name_outlets_that_exist() -> None:
    expected = json.loads((files("dealwire.demo") / "site" / "expected.json").read_text(encoding="utf-8"))
    assert len(expected) >= 12
    assert {outlet for deal in expected for outlet in deal["outlets"]} == {outlet.key for outlet in OUTLETS}
    assert sum(len(deal["outlets"]) > 1 for deal in expected) >= 5
