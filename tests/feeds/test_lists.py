"""Lists of feeds: OPML in, and the feed that a site's page names."""

from datetime import UTC, datetime

import pytest

from dealwire.feeds import discover, opml
from dealwire.feeds.client import Client
from schemas import Feed
from schemas.errors import FeedUnreachable, FeedUnreadable, InvalidInput
from tests.feeds.conftest import Web
from tests.feeds.test_parse import RSS


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


def test_a_careless_list_is_mended_and_every_fault_is_told_by_its_line() -> None:
    text = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.0"><body>
<!-- <outline xmlUrl="https://commented.example/rss"/>
-->
<outline text="Halbleiter & Chips">
  <outline text="Zürich&nbsp;News" type="rss"
    xmlUrl="https://a.example/rss?a=1&b=2"/>
  <outline text="Nothing" type="rss"
     xmlUrl=""/>
  <outline text="Deep"><outline text="Deeper"><outline xmlUrl="feed:https://b.example/atom"/></outline></outline>
</outline>
<outline text="Spaced" xmlUrl="https://c.example/a b"/>
<outline text="Broken" xmlUrl="https://d.example/rss>
<outline text="Last" xmlUrl="feed://e.example/rss" htmlUrl="https://e.example/"/>
</body>""".encode("iso-8859-1")
    found, complaints = opml.read(text)
    assert (found[0].url, found[0].title, found[0].folder) == (
        "https://a.example/rss?a=1&b=2", "Zürich\xa0News", "Halbleiter & Chips",
    )  # fmt: skip
    assert (found[1].url, found[1].folder) == ("https://b.example/atom", "Halbleiter & Chips/Deep/Deeper")
    lines = [complaint.partition(":")[0] for complaint in complaints]
    assert {"line 5", "line 7", "line 8", "line 12"} <= set(lines)
    assert all(line.startswith("line ") for line in lines)
    assert "https://commented.example/rss" not in {one.url for one in found}


def test_what_is_exported_can_be_imported() -> None:
    now = datetime(2025, 11, 18, tzinfo=UTC)
    feeds = [
        Feed(feed_id="1", url="https://a.example/rss?a=1&b=2", title='"A" & <b>', folder="chips/fabs", added_at=now),
        Feed(feed_id="2", url="https://b.example/rss", title=None, site_url="https://b.example/", added_at=now),
        Feed(feed_id="3", url="https://c.example/rss", title="C\x00", folder="chips", added_at=now),
    ]
    found, complaints = opml.read(opml.write(feeds, now=now))
    assert complaints == []
    assert sorted((one.url, one.title, one.folder, one.site_url) for one in found) == [
        ("https://a.example/rss?a=1&b=2", '"A" & <b>', "chips/fabs", None),
        ("https://b.example/rss", "https://b.example/rss", None, "https://b.example/"),
        ("https://c.example/rss", "C", "chips", None),
    ]


def test_nesting_without_end_is_no_danger() -> None:
    found, _ = opml.read("<opml><body>" + "<outline text='x'>" * 200 + "<outline xmlUrl='https://a.example/'/>")
    assert found == []


@pytest.mark.parametrize(
    ("page", "header", "at"),
    [
        ("<link rel='alternate' type='application/rss+xml' href='/comments/feed'><link rel=alternate type=application/atom+xml href=news.atom>", "", "/blog/news.atom"),
        ("<base href='/elsewhere/'><link rel='feed' href='x'>", "", "/elsewhere/x"),
        ("<p>No head.</p>", '</h.xml>; rel="alternate"; type="application/rss+xml"', "/h.xml"),
        ("<footer><a href='/syndication/rss/all'>RSS</a></footer>", "", "/syndication/rss/all"),
        ("<p>Nothing at all.</p>", "", "/feed"),
        ("<p>Nothing at all.</p>", "", "/atom.xml"),
        ("<link rel=alternate type='application/rss+xml' href='/dead'><link rel=alternate type='application/rss+xml' href='/page'>", "", "/rss.xml"),
        ("<meta http-equiv=refresh content='0; url=/moved/'>", "", "/moved/feed"),
    ],
    ids=["head", "base", "header", "footer", "usual", "usual-too", "dead-links", "refresh"],
)  # fmt: skip
def test_a_sites_feed_is_found(web: Web, client: Client, page: str, header: str, at: str) -> None:
    site = web.put("/blog/", f"<html><head>{page}</head></html>", "text/html", **({"Link": header} if header else {}))
    web.put("/page", "<html>no feed</html>", "text/html")
    web.put("/moved/", "<html>here</html>", "text/html")
    web.put(at, RSS)
    found = discover.find(site, client=client)
    assert (found.url, found.feed.title) == (web.base + at, "Wire & Chips")


def test_a_site_without_scheme_or_feed(web: Web, client: Client) -> None:
    bare = web.base.removeprefix("http://")
    web.put("/", "<html>none</html>", "text/html")
    with pytest.raises(FeedUnreadable, match="no feed was found"):
        discover.find(bare, client=client)
    assert len(web.asked) < 30
    web.put("/rss", RSS)
    assert discover.find(bare, client=client).url == web.base + "/rss"
    with pytest.raises(FeedUnreachable):
        discover.find("127.0.0.1:9", client=client)


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("https://www.youtube.com/channel/UC1/videos", "https://www.youtube.com/feeds/videos.xml?channel_id=UC1"),
        ("https://github.com/a/b/issues", "https://github.com/a/b/releases.atom"),
        ("https://www.reddit.com/r/chips/", "https://www.reddit.com/r/chips/.rss"),
        ("https://medium.com/@ana/story", "https://medium.com/feed/@ana"),
        ("https://ana.substack.com/p/x", "https://ana.substack.com/feed"),
    ],
)
def test_sites_of_a_kind_have_their_feed_at_a_known_place(page: str, feed: str) -> None:
    assert list(discover._of_kind(page)) == [feed]
