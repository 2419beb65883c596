"""Articles of the past: sitemaps, folders, archives and WARC files, taken up where they were stopped."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from dealwire import backfill, steps
from dealwire.feeds import archives, identity, sitemaps
from dealwire.feeds.page import Page, read_page
from dealwire.feeds.page_readers import PageReaders
from dealwire.settings import Settings
from schemas import Article
from schemas.errors import FeedHostile, FeedUnreadable, InvalidInput
from tests.feeds.conftest import Web

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
TEXT = (
    "Vultrix signed a $120 million contract with CoreWeave for computing capacity over three years, the companies said on "
    "Monday. The order covers chips in Texas and begins in January, and it is the largest that Vultrix has placed so far. "
    "Number {}."
)


def html(number: int, *, url: str = "", text: str = TEXT) -> str:
    link = f'<link rel="canonical" href="{url}">' if url else ""
    return (
        f"<html lang='en'><head><title>Order {number}</title>{link}</head><body><article><h1>Order {number}</h1>"
        f"<p>{text.format(number)}</p><p>{text.format(number)} More.</p></article></body></html>"
    )


class Archive:
    """A warehouse that is filled in."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(database=folder / "fill.duckdb", allow_private_hosts=("127.0.0.1",), total_seconds=3)
        self.told: list[tuple[int, int]] = []

    def fill(self, source: str | Path, **more: Any) -> Any:
        def progress(_: str, done: int, total: int) -> None:
            self.told.append((done, total))

        return backfill.fill(self.settings, str(source), now=lambda: NOW, progress=progress, **more)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with steps.warehouse(self.settings).read() as db:
            return db.execute(query).fetchall()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def lines(numbers: range, **more: object) -> str:
    return "".join(
        json.dumps({"url": f"https://old.example/{n}", "title": f"Order {n}", "text": TEXT.format(n), "date": "2024-05-01"} | more) + "\n"
        for n in numbers
    )  # fmt: skip


def test_json_lines_become_articles_and_bad_lines_are_told(archive: Archive, tmp_path: Path) -> None:
    file = tmp_path / "old.jsonl"
    file.write_text(lines(range(3)) + "{broken\n\n[1]\n" + json.dumps({"title": "no text"}) + "\n" + lines(range(3, 4)))
    report = archive.fill(file)
    assert (report.articles, report.skipped) == (4, 3)
    assert [error.split(":")[0] for error in report.errors] == [f"old.jsonl line {n}" for n in (4, 6, 7)]
    assert archive.rows(
        "SELECT title, site, language, read_status, published_at FROM articles ORDER BY title LIMIT 1"
    ) == [("Order 0", "old.example", "en", "page", datetime(2024, 5, 1, tzinfo=UTC))]
    again = archive.fill(file)
    assert (again.articles, again.known) == (0, 0)
    assert (archive.fill(file, again=True).known) == 4
    assert archive.told[-1][0] == archive.told[-1][1] == file.stat().st_size


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.zip", "a.tar", "a.tar.gz"])
def test_archives_are_read_without_being_unpacked(archive: Archive, tmp_path: Path, name: str) -> None:
    data, path = lines(range(5)).encode(), tmp_path / name
    if name.endswith(".jsonl.gz"):
        path.write_bytes(gzip.compress(data))
    elif name.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("deep/a.jsonl", data)
            packed.writestr("../../evil.html", html(9, url="https://old.example/9"))
    else:
        with tarfile.open(path, "w:gz" if name.endswith("gz") else "w") as tar:
            for member, body in (
                ("deep/a.jsonl", data),
                ("../../evil.html", html(9, url="https://old.example/9").encode()),
            ):
                entry = tarfile.TarInfo(member)
                entry.size = len(body)
                tar.addfile(entry, io.BytesIO(body))
    report = archive.fill(path)
    assert report.articles == (5 if name.endswith(".jsonl.gz") else 6)
    assert not (tmp_path.parent.parent / "evil.html").exists()
    assert archive.fill(path).articles == 0


def test_a_folder_of_pages_gives_their_own_addresses(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "1.html").write_text(html(1, url="https://old.example/one?utm_source=x"))
    (folder / "2.html").write_text(html(2))
    (folder / "3.txt").write_text("Order 3\n\n" + TEXT.format(3))
    (folder / "empty.html").write_text("<html></html>")
    (folder / "4.jsonl").write_text(lines(range(4, 5)))
    (folder / "picture.png").write_bytes(b"\x89PNG")
    report = archive.fill(folder)
    assert (report.articles, report.skipped) == (4, 1)
    urls = sorted(url for (url,) in archive.rows("SELECT url FROM articles"))
    assert "https://old.example/one" in urls
    assert sorted(url.rpartition("/")[2] for url in urls if url.startswith("file:///")) == ["2.html", "3.txt"]


def warc(path: Path, *records: tuple[str, str, bytes, str]) -> None:
    """Records of address, status line, body, content type; gzip member by member, as CC-NEWS has it."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        writer.write_record(writer.create_warcinfo_record("CC-NEWS", {"software": "test"}))
        for url, status, body, kind in records:
            headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
            warc_headers = {"WARC-Date": "2024-03-01T10:00:00Z"}
            record = writer.create_warc_record(
                url, "response", io.BytesIO(body), http_headers=headers, warc_headers_dict=warc_headers
            )
            writer.write_record(
                writer.create_warc_record(
                    url, "request", http_headers=StatusAndHeaders("GET / HTTP/1.1", [], is_http_request=True)
                )
            )
            writer.write_record(record)


def test_the_stories_of_a_crawl_are_read_out_of_warc(archive: Archive, tmp_path: Path) -> None:
    file = tmp_path / "CC-NEWS-20240301.warc.gz"
    warc(
        file,
        *((f"https://old.example/{n}", "200 OK", html(n).encode(), "text/html; charset=utf-8") for n in range(5)),
        ("https://old.example/gone", "404 Not Found", html(7).encode(), "text/html"),
        ("https://old.example/picture", "200 OK", b"\x89PNG", "image/png"),
        ("https://old.example/section", "200 OK", b"<html><body><a href='/1'>One</a></body></html>", "text/html"),
        ("https://other.example/1", "200 OK", html(8).encode(), "text/html"),
    )
    report = archive.fill(file, choice=backfill.since(None, "old[.]example"))
    assert (report.articles, report.skipped, report.errors) == (5, 1, ())
    assert archive.rows("SELECT DISTINCT first_seen_at FROM articles") == [(datetime(2024, 3, 1, 10, tzinfo=UTC),)]
    ((text,),) = archive.rows("SELECT text FROM articles WHERE url = 'https://old.example/3'")
    assert text.startswith("Order 3\n\nVultrix signed")


def test_a_stopped_backfill_goes_on_where_it_was(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "big.warc.gz"
    warc(file, *((f"https://old.example/{n}", "200 OK", html(n).encode(), "text/html") for n in range(12)))
    monkeypatch.setattr(backfill, "_CHUNK", 4)
    stored, calls = backfill._Run._stored, []

    def stopped(*given: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return stored(*given)

    monkeypatch.setattr(backfill._Run, "_stored", stopped)
    with pytest.raises(KeyboardInterrupt):
        archive.fill(file)
    assert archive.rows("SELECT count(*) FROM articles") == [(8,)]
    ((position, done),) = archive.rows("SELECT position, done FROM backfills")
    assert 0 < position < file.stat().st_size
    assert not done
    report = archive.fill(file)
    # One record is read twice rather than one too few.
    assert (report.articles, report.known) == (4, 1)
    assert archive.rows("SELECT done, articles FROM backfills") == [(True, 12)]


def test_what_is_newer_stays_and_what_has_no_text_is_filled(archive: Archive, tmp_path: Path) -> None:
    known = [
        Article(article_id=identity.article_id(f"https://old.example/{n}"), url=f"https://old.example/{n}", site="old.example",
                title=f"Order {n}", first_seen_at=NOW - timedelta(days=1), feed_id="f", **more)
        for n, more in enumerate(({"text": "Order 0\n\nToday's text.", "read_status": "page", "read_at": NOW + timedelta(days=1)}, {}))
    ]  # fmt: skip
    with steps.warehouse(archive.settings).write() as db:
        steps.load.store_articles(db, known)
    file = tmp_path / "old.jsonl"
    file.write_text(lines(range(3), fetched_at="2024-05-02T00:00:00Z"))
    report = archive.fill(file)
    assert (report.articles, report.revised, report.known) == (1, 0, 2)
    texts = dict(archive.rows("SELECT title, text FROM articles"))
    assert texts["Order 0"].endswith("Today's text.")
    assert texts["Order 1"].startswith("Order 1\n\nVultrix")
    assert archive.rows("SELECT feed_id FROM articles WHERE title = 'Order 1'") == [("f",)]


def test_a_page_that_holds_up_its_reader_costs_no_other(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(self: PageReaders, body: bytes, *, url: str, content_type: str = "") -> Page:
        if b"Order 2" in body:
            raise FeedHostile(url, "it takes more than 20 s to read")
        return read_page(body, url=url, content_type=content_type)

    monkeypatch.setattr(PageReaders, "read", read)
    for n in range(5):
        (tmp_path / f"{n}.html").write_text(html(n))
    report = archive.fill(tmp_path)
    assert (report.articles, report.skipped) == (4, 1)
    assert report.errors[0].endswith("2.html: it takes more than 20 s to read")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("none", None, "no file"),
        ("a.exe", b"MZ", "no kind"),
        ("a.zip", b"PK\x03\x04 broken", "cannot be read"),
        ("a.tar", b"broken" * 200, "cannot be read"),
        ("a.warc.gz", b"no gzip at all", "damaged or no WARC"),
    ],
)
def test_a_source_that_cannot_be_read_is_told(
    archive: Archive, tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=told):
        archive.fill(tmp_path / name)


NEWS = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://a.example/1?utm_source=sitemap </loc><lastmod>2025-11-19</lastmod><news:news><news:publication><news:name>A</news:name>
<news:language>en</news:language></news:publication><news:publication_date>2025-11-19T10:00:00+01:00</news:publication_date>
<news:title>Order &amp; more</news:title></news:news><image:image><image:loc>https://a.example/1.png</image:loc><image:title>Pic</image:title></image:image></url>
<url><loc>https://a.example/2</loc><lastmod>2023-01-01T00:00:00Z</lastmod></url><url><loc>javascript:x</loc></url>
</urlset>"""


def test_news_sitemaps_give_titles_times_and_languages() -> None:
    first, second = sitemaps.read(NEWS.encode(), url="https://a.example/news.xml")
    assert (first.url, first.title, first.language) == ("https://a.example/1?utm_source=sitemap", "Order & more", "en")
    assert first.published_at == datetime(2025, 11, 19, 9, tzinfo=UTC)
    assert (second.url, second.published_at, second.changed_at) == (
        "https://a.example/2",
        None,
        datetime(2023, 1, 1, tzinfo=UTC),
    )
    assert list(sitemaps.read(gzip.compress(NEWS.encode()), url="https://a.example/x.xml.gz")) == [first, second]
    assert [one.url for one in sitemaps.read(b"https://a.example/1\nnothing\n", url="x")] == ["https://a.example/1"]


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"<rss></rss>", b"\x1f\x8bbroken", b"nothing here"])
def test_what_is_no_sitemap_is_refused(body: bytes) -> None:
    with pytest.raises(FeedUnreadable):
        list(sitemaps.read(body, url="https://a.example/sitemap.xml"))


@pytest.fixture
def site(web: Web) -> Iterator[Web]:
    base = web.base
    web.put("/robots.txt", f"User-agent: *\nAllow: /\nSitemap: {base}/index.xml", "text/plain")
    web.put("/index.xml", f"<sitemapindex><sitemap><loc>{base}/news.xml</loc></sitemap><sitemap><loc>{base}/old.xml.gz</loc>"
            f"<lastmod>2020-01-01</lastmod></sitemap><sitemap><loc>{base}/index.xml</loc></sitemap></sitemapindex>")  # fmt: skip
    web.put("/news.xml", NEWS)
    web.put(
        "/old.xml.gz",
        gzip.compress(b"<urlset><url><loc>https://a.example/old</loc></url></urlset>"),
        "application/gzip",
    )
    return web


def test_a_sites_sitemaps_are_walked_and_their_articles_wait_to_be_read(site: Web, archive: Archive) -> None:
    report = archive.fill(site.base)
    assert (report.articles, report.errors) == (3, ())
    assert archive.rows("SELECT url, title, read_status FROM articles ORDER BY url LIMIT 1") == [
        ("https://a.example/1", "Order & more", "pending")
    ]
    asked = len(site.asked)
    assert archive.fill(site.base).articles == 0
    assert [path for path, _ in site.asked[asked:]] == ["/robots.txt", "/index.xml"]


def test_only_what_is_asked_for_is_taken_from_a_site(site: Web, archive: Archive) -> None:
    report = archive.fill(site.base, choice=backfill.since(datetime(2025, 11, 1), "a[.]example"))
    assert report.articles == 1
    assert "/old.xml.gz" not in [path for path, _ in site.asked]


def test_a_site_without_a_sitemap_is_told(web: Web, archive: Archive) -> None:
    with pytest.raises(FeedUnreadable, match="no sitemap"):
        archive.fill(web.base)
    web.put("/sitemap.xml", NEWS)
    assert archive.fill(web.base).articles == 2


def test_every_part_of_a_folder_has_its_name_and_size(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(html(1))
    (tmp_path / "b.jsonl").write_text(lines(range(1)))
    assert [part.name.rpartition(" (")[2] for part in archives.parts(tmp_path)] == [
        "1 pages)",
        f"{(tmp_path / 'b.jsonl').stat().st_size} bytes)",
    ]
