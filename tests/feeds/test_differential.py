"""The strict reader gives what feedparser gives, or says that it will not read."""

import html
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dealwire.feeds import formats, strict, values
from dealwire.feeds.text import plain_text

URL = "https://news.example/feeds/all"
SAMPLES = Path(__file__).parent / "samples"
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)
MARKUP = st.one_of(
    WORDS, st.sampled_from(["<p>One.</p><p>Two &amp; three.</p>", "a < b", "AT&T", "AT&amp;T", "x<br/>y"])
)
LINKS = st.one_of(
    st.sampled_from(
        ["/2025/a", "b/c", "?p=7", "//other.example/x", "https://news.example/ü/ñ?q=ä b", "javascript:x", "HTTPS://A.example",
         "https://news.example/a/../b", "https://news.example/x#y", "", "tag:news.example,2025:1", "word", "https://a.example/a;b"]
    ),
    WORDS.map(lambda word: f"https://news.example/{word}"),
)  # fmt: skip
DATES = st.sampled_from(
    ["Tue, 18 Nov 2025 14:30:00 GMT", "18 Nov 2025 14:30 EST", "Tue, 18 Nov 2025 14:30:00 +0530", "2025-11-18T14:30:00Z",
     "2025-11-18T14:30:00.123-08:00", "Tue, 31 Feb 2025 25:00:00 GMT", "yesterday", "2025-11-18", "", "9999-01-01T00:00:00Z",
     "Wed, 18 November 2025 14:30:00 PDT", "Mon, 1 Jan 2080 00:00:00 GMT"]
)  # fmt: skip


def both(document: str) -> None:
    """Compare the two readers, entry by entry; documents that the strict one leaves alone pass."""
    body = document.encode()
    try:
        found = strict.read(body, url=URL)
    except (strict.Doubtful, values.Unreadable):
        return
    told = formats.by_feedparser(body, url=URL)
    assert found._replace(reader="", listed=0) == told._replace(reader="", listed=0)


def element(name: str, text: str | None, *, cdata: bool = False) -> str:
    if text is None:
        return ""
    inner = f"<![CDATA[{text.replace(']]>', '')}]]>" if cdata else html.escape(text)
    return f"<{name}>{inner}</{name}>"


@st.composite
def rss(draw: st.DrawFn) -> str:
    items = []
    for _ in range(draw(st.integers(0, 4))):
        cdata = draw(st.booleans())
        parts = [
            element("title", draw(st.none() | MARKUP), cdata=cdata),
            element("link", draw(st.none() | LINKS)),
            element(draw(st.sampled_from(["guid", "guid"])), draw(st.none() | LINKS)),
            element("description", draw(st.none() | MARKUP), cdata=cdata),
            element("content:encoded", draw(st.none() | MARKUP), cdata=cdata),
            element("pubDate", draw(st.none() | DATES)),
            element("dc:creator", draw(st.none() | WORDS)),
            element("dc:date", draw(st.none() | DATES)),
            draw(
                st.sampled_from(
                    ["", "<category>chips</category>", "<media:thumbnail url='x'/>", "<odd:thing>1</odd:thing>"]
                )
            ),
        ]
        items.append("<item>" + "".join(draw(st.permutations(parts))) + "</item>")
    head = (
        element("title", draw(MARKUP))
        + element("link", draw(LINKS))
        + draw(st.sampled_from(["", "<ttl>60</ttl>", IMAGE]))
    )
    return f"{RSS_HEAD}{head}{''.join(items)}</channel></rss>"


IMAGE = "<image><title>logo</title><link>https://other.example/</link><url>https://other.example/l.png</url></image>"
RSS_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:odd="u:odd"><channel>'
)


@st.composite
def atom(draw: st.DrawFn) -> str:
    entries = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(['type="html"', 'type="text"', ""]))
        rel = draw(st.sampled_from(['rel="alternate"', 'rel="self"', 'rel="enclosure"', ""]))
        parts = [
            f"<title {kind}>{html.escape(draw(MARKUP))}</title>",
            f'<link {rel} href="{html.escape(draw(LINKS))}"/>',
            element("id", draw(st.none() | LINKS)),
            f"<summary {kind}>{html.escape(draw(MARKUP))}</summary>" if draw(st.booleans()) else "",
            f"<content {kind}>{html.escape(draw(MARKUP))}</content>" if draw(st.booleans()) else "",
            element("published", draw(st.none() | DATES)),
            element("updated", draw(st.none() | DATES)),
            f"<author><name>{html.escape(draw(WORDS))}</name></author>" if draw(st.booleans()) else "",
        ]
        entries.append("<entry>" + "".join(draw(st.permutations(parts))) + "</entry>")
    head = f'<title>{html.escape(draw(MARKUP))}</title><link href="{html.escape(draw(LINKS))}"/><id>x:1</id>'
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{"".join(entries)}</feed>'


@settings(deadline=None, max_examples=150)
@given(rss())
def test_rss_is_read_as_feedparser_reads_it(document: str) -> None:
    both(document)


@settings(deadline=None, max_examples=150)
@given(atom())
@example(
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>0</title><link href="https://news.example/?"/><id>x:1</id></feed>'
)
@example(
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>0</title>'
    '<link href="https://news.example/\xa0"/><id>x:1</id></feed>'
)
def test_atom_is_read_as_feedparser_reads_it(document: str) -> None:
    both(document)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_samples_are_read_alike(path: Path) -> None:
    both(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.*")), ids=lambda path: path.name)
def test_every_sample_gives_the_entries_it_was_written_for(path: Path) -> None:
    """Each sample holds the same two stories, in its own format."""
    if path.name == "expected.json":
        return
    wanted = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    found = formats.read(path.read_bytes(), url=URL)
    assert (found.title, found.site_url) == (wanted["title"], wanted["site_url"])
    dated = path.stem not in wanted["undated"]
    assert [(one.title, one.url, one.published, one.summary) for one in found.entries] == [
        (one["title"], one["url"], one["published"] if dated else None, one["summary"]) for one in wanted["entries"]
    ]


def test_most_usual_feeds_need_no_feedparser() -> None:
    names = {path.stem: formats.read(path.read_bytes(), url=URL).reader for path in SAMPLES.glob("*.xml")}
    assert {name for name, reader in names.items() if reader == "strict"} >= {"rss-2.0", "atom-1.0", "rss-1.0-rdf"}


@pytest.mark.parametrize(
    "text",
    [
        "<p>a</p>",
        "1 < 2",
        "<a href='x>y'>z</a>",
        "a<br>b",
        "<script>x</script>y",
        "&lt;b&gt;",
        "<p",
        "<!-- x -->y",
        "\ud800",
    ],
)
def test_plain_text_is_stable(text: str) -> None:
    once = plain_text(text)
    assert "\x00" not in once
    once.encode()


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200))
def test_plain_text_never_fails_and_is_storable(text: str) -> None:
    found = plain_text(text)
    found.encode("utf-8")
    assert found == found.strip()


@settings(deadline=None, max_examples=100)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=4)
       | st.dictionaries(st.sampled_from(["id", "url", "title", "items", "summary", "authors", "date_published"]), inner)))  # fmt: skip
def test_any_json_is_read_or_refused(found: object) -> None:
    try:
        formats.read(json.dumps({"items": found}).encode(), url=URL)
    except values.Unreadable as error:
        assert error.reason


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Tue, 18 Nov 2025 14:30:00 GMT", datetime(2025, 11, 18, 14, 30, tzinfo=UTC)),
        ("18 Nov 2025 14:30 EST", datetime(2025, 11, 18, 19, 30, tzinfo=UTC)),
        ("2025-11-18T14:30:00.5+01:00", datetime(2025, 11, 18, 13, 30, tzinfo=UTC)),
        ("Tue, 31 Feb 2025 14:30:00 GMT", None),
        ("yesterday", None),
    ],
)
def test_dates_of_the_usual_forms(text: str, when: datetime | None) -> None:
    assert values.instant(text) == when
