"""Feeds of every format become the same entries; what is no feed is refused in words."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealwire.feeds.parse import parse
from schemas.errors import FeedUnreadable

URL = "https://news.example/feeds/all"
WHEN = datetime(2025, 11, 18, 14, 30, tzinfo=UTC)

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Wire &amp; Chips</title><link>https://news.example/</link>
<item><title>A &lt;b&gt;deal&lt;/b&gt;</title><link>/2025/a</link><guid>1</guid><pubDate>Tue, 18 Nov 2025 14:30:00 GMT</pubDate>
<description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;&lt;script&gt;no()&lt;/script&gt;</description></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Wire &amp; Chips</title><link href="https://news.example/"/>
<entry><title>A deal</title><link rel="alternate" href="/2025/a"/><id>1</id><published>2025-11-18T15:30:00+01:00</published>
<updated>2025-11-20T00:00:00Z</updated><summary type="html">&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</summary></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Wire &amp; Chips</title><link>https://news.example/</link>
</channel><item rdf:about="1"><title>A deal</title><link>/2025/a</link><dc:date>2025-11-18T14:30:00Z</dc:date>
<description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</description></item></rdf:RDF>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Wire & Chips",
        "home_page_url": "https://news.example/",
        "items": [
            {"id": 1, "url": "/2025/a", "title": "A deal", "date_published": "2025-11-18T14:30:00Z",
             "summary": "<p>One.</p><p>Two.</p>"},
            "junk",
            {"id": "no link"},
        ],
    }
)  # fmt: skip
CARELESS = (
    RSS.replace("Wire &amp; Chips", "Wire & Chips").replace("One.", "One.&nbsp;").replace("<?xml", "\n\n<?xml")
    + "<!-- 1 -->"
)


@pytest.mark.parametrize("text", [RSS, ATOM, RDF, JSON, CARELESS], ids=["rss", "atom", "rdf", "json", "careless"])
def test_every_format_gives_the_same_entry(text: str) -> None:
    feed = parse(text.encode(), url=URL)
    assert feed.title == "Wire & Chips"
    (entry,) = feed.entries
    assert (entry.url, entry.title, entry.published_at) == ("https://news.example/2025/a", "A deal", WHEN)
    assert entry.summary is not None
    assert entry.summary.replace("\u00a0", "").replace(" ", "") == "One.\n\nTwo."


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!doctype html><html><body>Hello</body></html>", "web page"),
        (b"{broken", "JSON"),
        (b'{"items": 3}', "JSON Feed"),
        (b"[1, 2]", "something else"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "something else"),
    ],
)
def test_what_is_no_feed_is_refused_in_words(body: bytes, told: str) -> None:
    with pytest.raises(FeedUnreadable, match=told):
        parse(body, url=URL)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:a@b.example", "data:text/html,x", "java\nscript:x()"])
def test_links_that_cannot_be_fetched_are_dropped(link: str) -> None:
    text = RSS.replace("/2025/a", link).replace("<guid>1</guid>", "")
    assert parse(text.encode(), url=URL).entries == ()


def test_a_reference_to_a_lone_surrogate_does_not_cost_the_feed() -> None:
    (entry,) = parse(RSS.replace("One.", "One.&amp;#xD800;&#xD800;").encode(), url=URL).entries
    assert "Two." in (entry.summary or "")


def test_other_encodings_are_read() -> None:
    text = RSS.replace('version="1.0"', 'version="1.0" encoding="iso-8859-1"').replace(
        "One.", "Zürich €".replace("€", "£")
    )
    (entry,) = parse(text.encode("iso-8859-1"), url=URL).entries
    assert "Zürich £" in (entry.summary or "")


def test_entities_are_not_expanded_into_memory() -> None:
    bomb = (
        '<!DOCTYPE rss [<!ENTITY a "'
        + "x" * 1000
        + '">'
        + "".join(
            f'<!ENTITY {name} "{f"&{before};" * 30}">' for before, name in zip("abcdefg", "bcdefgh", strict=False)
        )
    )
    text = bomb + "]><rss><channel><title>&h;</title></channel></rss>"
    try:
        feed = parse(text.encode(), url=URL)
    except FeedUnreadable:
        return
    assert len(feed.title or "") < 100_000


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300), st.sampled_from([RSS, ATOM, RDF, JSON]), st.integers(0, 400))
def test_damage_never_raises_anything_but_unreadable(junk: bytes, text: str, at: int) -> None:
    whole = text.encode()
    try:
        parse(whole[:at] + junk + whole[at:], url=URL)
    except FeedUnreadable as error:
        assert str(error)
