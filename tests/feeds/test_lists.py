"""Lists of feeds: OPML in, and the feed that a site's page names."""

import pytest

from dealwire.feeds import discover, opml
from schemas.errors import InvalidInput


def test_nested_feeds_are_found_and_bad_ones_named_by_line() -> None:
    text = """<?xml version="1.0"?><opml version="2.0"><body>
<outline text="Chips"><outline type="rss" text="Wire" xmlUrl="https://a.example/rss"/>
<outline type="rss" text="Broken" xmlUrl="ftp://a.example/rss"/></outline>
<outline title="Clouds" xmlurl="https://b.example/atom"/>
</body></opml>"""
    found, complaints = opml.read(text)
    assert [(one.url, one.title) for one in found] == [
        ("https://a.example/rss", "Wire"),
        ("https://b.example/atom", "Clouds"),
    ]
    assert len(complaints) == 1
    assert complaints[0].startswith("line 3")


def test_what_stands_before_a_break_is_kept() -> None:
    found, complaints = opml.read("<opml><body><outline xmlUrl='https://a.example/'/>\n<outline </body>")
    assert len(found) == 1
    assert "line 2" in complaints[0]


@pytest.mark.parametrize("text", ["not xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><opml/>", ""])
def test_what_is_no_opml_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        opml.read(text)


def test_a_pages_feeds_are_found_comments_last() -> None:
    page = b"""<head><link rel=alternate type="application/rss+xml" href="/comments/feed">
    <LINK REL="alternate" TYPE="application/atom+xml" HREF="atom.xml"><link rel="alternate" hreflang="de" href="/de"></head>"""
    assert discover.feed_links(page, url="https://a.example/news/") == [
        "https://a.example/news/atom.xml",
        "https://a.example/comments/feed",
    ]
