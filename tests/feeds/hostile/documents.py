"""Cases of what the body holds: types, encodings, XML, JSON, links, dates."""

from collections.abc import Callable

from tests.feeds.hostile.feeds import item, json_feed, rss
from tests.feeds.hostile.server import FORBIDDEN, Answer, Case, Wire

CASES: list[Case] = []
ANY = ("ok", "error", "refused")


def sends(
    name: str,
    body: bytes | str | Callable[[], bytes | str],
    *status: str,
    entries: int = 0,
    says: str = "",
    **headers: str,
) -> None:
    """Register a case that sends one document."""

    def answer(wire: Wire) -> None:
        wire.answer(body() if callable(body) else body, **headers)

    CASES.append(Case(name, answer, status, entries, says=says))


def doctype(declarations: str, use: str = "") -> str:
    """A feed with a doctype of its own, whose first story's title is `use`."""
    return (
        f'<?xml version="1.0"?><!DOCTYPE rss [{declarations}]><rss version="2.0"><channel><title>wire</title><item>'
        f"<title>Story {use}</title><link>https://news.example/entity</link></item></channel></rss>"
    )


# Types.
sends("a-web-page", "<!doctype html><html><body><p>Hello</p></body></html>", "error", says="web page")
sends("a-picture", b"\x89PNG\r\n\x1a\n" + bytes(5000), "error", Content_Type="image/png")
sends("a-pdf", b"%PDF-1.7\n" + bytes(range(256)) * 20, "error", Content_Type="application/pdf")
sends("a-sitemap", "<urlset><url><loc>https://news.example/</loc></url></urlset>", "error")
sends("plain-words", "Not Found", "error", Content_Type="text/plain")
sends("zeros", bytes(100_000), "error")
sends("only-blanks", " \n" * 50_000, "error", says="empty")
sends("a-login-page-as-rss", "<html><head><title>Login</title></head><body>rss</body></html>", "error")
sends("a-feed-as-html", rss(name="as-html"), "ok", entries=3, Content_Type="text/html")
sends("a-feed-as-javascript", rss(name="as-js"), "ok", entries=3, Content_Type="text/javascript")
sends("a-feed-as-nothing", rss(name="as-none"), "ok", entries=3, Content_Type="")
sends("an-absurd-type", rss(name="absurd"), "ok", entries=3, Content_Type="x" * 5000)

# Encodings.
sends("invalid-utf-8", rss(name="invalid").encode().replace(b"Some", b"So\xff\xfe\xc3me"), "ok", entries=3)
sends(
    "utf-16", rss(name="wide", declaration='<?xml version="1.0" encoding="utf-16"?>').encode("utf-16"), "ok", entries=3
)
sends("utf-16-that-says-utf-8", rss(name="wide8").encode("utf-16"), *ANY, entries=-1)
sends(
    "utf-32",
    rss(name="wide32", declaration='<?xml version="1.0" encoding="utf-32"?>').encode("utf-32"),
    *ANY,
    entries=-1,
)
sends("latin-1-that-says-utf-8", rss(name="latin1").replace("Some", "Sömé").encode("latin-1"), "ok", entries=3)
sends(
    "an-unknown-encoding-name",
    rss(name="unknown", declaration='<?xml version="1.0" encoding="klingon"?>'),
    "ok",
    entries=3,
)
sends("a-charset-that-disagrees", rss(name="charset").replace("Some", "Sömé"), "ok", entries=3,
      Content_Type="text/xml; charset=ebcdic-cp-us")  # fmt: skip
sends("blanks-before-the-declaration", "\ufeff\n\n  " + rss(name="bom"), "ok", entries=3)
sends("lone-surrogates", rss(name="lone").replace("Some", "&#xD800;&#55357;So"), "ok", entries=3)
sends("zeros-in-text", rss(name="zero").replace("Some", "So\x00\x01\x02me"), "ok", entries=3)
sends("references-to-zero", rss(name="ref0").replace("Some", "&#0;&#x1;So"), "ok", entries=3)
sends("text-that-turns-around", rss(name="bidi").replace("Some", "\u202e\u2066So\u200f"), "ok", entries=3)

# XML.
laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
sends("billion-laughs", doctype(f'<!ENTITY l0 "ha">{laughs}', "&l9;"), "refused", says="entities")
sends(
    "parameter-laughs", doctype('<!ENTITY % a "ha"><!ENTITY % b "%a;%a;"><!ENTITY c "%b;%b;">', "&c;"), *ANY, entries=-1
)
sends("one-long-entity", doctype(f'<!ENTITY a "{"x" * 50_000}">', "&a;" * 2000), *ANY, entries=-1)
sends("an-external-file", doctype('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"), *ANY, entries=-1)
sends("an-external-address", doctype('<!ENTITY x SYSTEM "http://127.0.0.1:PORT5/secret">', "&x;"), *ANY, entries=-1)
sends("an-external-doctype", rss(name="dtd", declaration='<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://127.0.0.1:PORT5/x">'),
      "ok", entries=3)  # fmt: skip
sends("an-inclusion", rss(name="xi", head='<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'),
      "ok", entries=3)  # fmt: skip
sends("nested-200000-deep", rss(0).replace("</channel>", "<a>" * 200_000), "refused", says="nested")
sends("nested-and-ill-formed", "<rss><channel><title>a & b</title>" + "<a>" * 400_000, "refused", "error")
sends("100000-attributes", "<rss version='2.0'><channel><title " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>",
      "refused", says="attributes")  # fmt: skip
sends("a-tag-of-two-megabytes", "<rss><channel><" + "t" * 1_900_000 + ">", *ANY)
sends("100000-entries", lambda: rss(items="".join(f"<item><link>https://n.example/{n}</link></item>" for n in range(45_000))),
      "ok", entries=5000)  # fmt: skip
sends("100000-ill-formed-entries",
      lambda: rss(items=" & " + "".join(f"<item><link>https://n.example/{n}</link></item>" for n in range(45_000))),
      "ok", "refused", entries=-1)  # fmt: skip
sends("a-million-comments", rss(name="comments").replace("Some", "&lt;!--" * 40_000 + "Some"), "ok", entries=3)
sends("comments-without-end", rss(name="open").replace("<item>", "<!--" * 100_000 + "<item>", 1), *ANY, entries=-1)
sends("cdata-without-end", rss(2, name="cdata", items="<item><title><![CDATA[never closed"), "ok", "error", entries=-1)
sends("cut-off", rss(20, name="cut")[:1500], "ok", "error", entries=-1)
sends("a-bare-ampersand", rss(name="amp").replace("Some", "AT&T & Some"), "ok", entries=3)
sends("an-undeclared-entity", rss(name="nbsp").replace("Some", "&nbsp;&eacute;Some"), "ok", entries=3)
sends("an-undeclared-prefix", rss(name="prefix").replace("<item>", "<item><media:thumbnail url='x'/>"), "ok", entries=3)
sends("junk-around", "Warning: mysql_connect()\n" + rss(name="junk") + "<script>x</script>", "ok", entries=3)
sends("two-feeds-in-one", rss(name="one") + rss(name="two"), *ANY, entries=-1)
sends(
    "no-closing-tags",
    "<rss version='2.0'><channel><title>x<item><title>A<link>https://news.example/open/1",
    *ANY,
    entries=-1,
)
sends(
    "tags-the-wrong-way", rss(name="wrong").replace("</description></item>", "</item></description>"), "ok", entries=3
)
sends("a-feed-of-nothing", '<rss version="2.0"><channel/></rss>', "ok", "error")
sends("10000-namespaces", "<rss version='2.0' " + " ".join(f"xmlns:n{n}='u:{n}'" for n in range(10_000)) + "><channel/></rss>",
      *ANY)  # fmt: skip

# JSON.
sends("json-that-is-broken", '{"items": [', "error", says="JSON", Content_Type="application/json")
sends("json-that-is-no-feed", '{"error": "no"}', "error", says="JSON")
sends("json-nested-deep", '{"items":' + "[" * 500_000, "error", "refused", says="JSON")
sends("json-of-wrong-types", json_feed([1, None, [], {"id": []}, {"url": {"a": 1}}, {"url": "https://n.example/j1", "title": {}}]),
      "ok", entries=1)  # fmt: skip
sends("json-surrogates", '{"version":"1","items":[{"id":"\\ud800","url":"https://n.example/j2","title":"\\udfff\\u0000x"}]}',
      "ok", entries=1)  # fmt: skip
sends("json-numbers", '{"version":"1","items":[{"id":' + "9" * 4000 + ',"url":"https://n.example/j3","date_published":1e999}]}',
      "ok", entries=1)  # fmt: skip
sends("json-huge-number", '{"version":"1","items":[{"id":' + "9" * 900_000 + "}]}", "ok", "error")

# Links, names, dates.
for number, link in enumerate(
    (f"javascript:alert('{FORBIDDEN}')", f"data:text/html,{FORBIDDEN}", f"vbscript:{FORBIDDEN}", f"file:///{FORBIDDEN}",
     f"java\nscript:{FORBIDDEN}", f"\x0e javascript:{FORBIDDEN}", f"mailto:{FORBIDDEN}@news.example",
     f"https://user:{FORBIDDEN}@news.example/x", "https://" + "x" * 70_000 + ".example/", "https://[broken/", "https:///")
):  # fmt: skip
    document = rss(1, name=f"link{number}", items=item("Odd", link)).replace("\x0e", "&#14;")
    # feedparser leaves out a link that is none at all, so that story counts as one without a link.
    sends(f"link-{number}", document, "ok", entries=2 if "[broken" in link else 1)
sends("relative-links", rss(0, items=item("One", "/rel/1") + item("Two", "rel/2") + item("Three", "//news.example/rel/3")),
      "ok", entries=3)  # fmt: skip
sends(
    "no-links", rss(0, items=item("Chip maker buys chip maker", None) + item("Lab rents power", None)), "ok", entries=2
)
sends("one-guid-for-all", rss(0, items="".join(item(f"S{n}", f"https://news.example/guid/{n}", guid="1") for n in range(50))),
      "ok", entries=50)  # fmt: skip
sends("a-title-of-a-megabyte", rss(0, items=item("word " * 200_000, "https://news.example/long")), "ok", entries=1)
sends(
    "a-text-of-a-megabyte",
    rss(0, items=item("Long", "https://news.example/text", text="<p>word</p>" * 80_000)),
    "ok",
    entries=1,
)
sends("odd-dates", rss(0, items="".join(
    item(f"D{n}", f"https://news.example/date/{n}", date=date) for n, date in enumerate(
        ("Tue, 99 Foo 2025 99:99:99 XYZ", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+25:00", "1e400", "-1", "yesterday",
         "Mon, 01 Jan 2080 00:00:00 GMT", "２０２５-11-18", "18 November 2025", "0" * 5000))
)), "ok", entries=10)  # fmt: skip
sends("markup-in-titles", rss(0, items=item(f"<script>{FORBIDDEN}</script><b>Deal</b>", "https://news.example/m")),
      "ok", entries=1)  # fmt: skip


def register(answer: Answer) -> Answer:
    """A case of a function."""
    CASES.append(Case(answer.__name__.replace("_", "-"), answer, ("ok",), 3))
    return answer


@register
def a_new_guid_each_time(wire: Wire) -> None:
    wire.answer(
        rss(0, items="".join(item(f"G{n}", f"https://news.example/g/{n}", guid=f"{wire.hit}-{n}") for n in range(3)))
    )


@register
def new_tracking_each_time(wire: Wire) -> None:
    links = (f"https://news.example/t/{n}?utm_source=rss{wire.hit}&utm_id={wire.hit}" for n in range(3))
    wire.answer(rss(0, items="".join(item(f"T{n}", link) for n, link in enumerate(links))))


@register
def a_new_etag_each_time(wire: Wire) -> None:
    wire.answer(rss(name="etag"), ETag=f'"{wire.hit}"')
